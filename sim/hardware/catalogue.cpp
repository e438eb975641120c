#include "sim/hardware/catalogue.hpp"

#include <algorithm>
#include <array>

namespace swarm {
namespace hardware {
namespace {

// Rates of CPUs are cores × clock × operations per cycle, e.g. a Cortex-A76 does 16 fp32 operations per cycle
// (two 128-bit multiply-add pipes), 32 in fp16 and 64 in int8 (dot product); a Cortex-A55 half of that.
const std::array<Device, 10>& devices() {
  static const std::array<Device, 10> table{{
      {.name = "raspberry-pi-5",
       .peak_fp32 = 1.54e11,
       .peak_fp16 = 3.07e11,
       .peak_int8 = 6.1e11,
       .memory_bytes = 8e9,
       .bandwidth = 1.7e10,
       .idle_w = 3,
       .max_w = 9,
       .standby_w = 1.7,
       .storage_bytes = 6.4e10,
       .price_usd = 80,
       .embodied_kg = 15,
       .edge = true,
       .source = "Raspberry Pi 5 8 GB product brief (4 Cortex-A76 at 2.4 GHz, LPDDR4X-4267 x32, launch "
                 "price); power as measured by u-labs.de 2023 (idle 3 W, shut down 1.7 W) and in stress "
                 "tests; embodied assumed"},
      {.name = "raspberry-pi-5-hailo-8",
       .peak_fp32 = 1.54e11,
       .peak_fp16 = 3.07e11,
       .peak_int8 = 2.6e13,
       .memory_bytes = 8e9,
       .bandwidth = 1.7e10,
       .idle_w = 4,
       .max_w = 12,
       .standby_w = 1.7,
       .storage_bytes = 6.4e10,
       .price_usd = 190,
       .embodied_kg = 20,
       .edge = true,
       .source = "Raspberry Pi 5 as above with the AI HAT+ 26 TOPS (launch price 110 USD; Hailo-8 data "
                 "sheet: 26 TOPS int8, typically 2.5 W); floating point runs on the CPU; idle and "
                 "embodied assumed"},
      {.name = "radxa-cubie-a7z",
       .peak_fp32 = 1.5e11,
       .peak_fp16 = 3.0e11,
       .peak_int8 = 3.0e12,
       .memory_bytes = 1e9,
       .bandwidth = 1.7e10,
       .idle_w = 1.5,
       .max_w = 6,
       .standby_w = 0.5,
       .storage_bytes = 3.2e10,
       .price_usd = 15,
       .embodied_kg = 6,
       .edge = true,
       .source = "Radxa product page (Allwinner A733: 2 Cortex-A76 at 2.0 GHz and 6 Cortex-A55 at 1.8 "
                 "GHz, 3 TOPS int8 unit, 1 GB LPDDR4X, 15 USD); power and embodied assumed"},
      {.name = "sakura-ii",
       .peak_fp32 = 1.54e11,
       .peak_fp16 = 3.0e13,
       .peak_int8 = 6.0e13,
       .memory_bytes = 1.6e10,
       .bandwidth = 6.8e10,
       .idle_w = 5,
       .max_w = 17,
       .standby_w = 2,
       .storage_bytes = 6.4e10,
       .price_usd = 400,
       .embodied_kg = 30,
       .edge = true,
       .source = "EdgeCortix SAKURA-II M.2 product brief (60 TOPS int8, 30 TFLOPS bf16, 16 GB at 68 GB/s, "
                 "8 W typical) in a Raspberry Pi 5, whose CPU does fp32; price of both, idle, standby and "
                 "embodied assumed"},
      {.name = "alpon-x5",
       .peak_fp32 = 1.54e11,
       .peak_fp16 = 3.07e11,
       .peak_int8 = 2.5e13,
       .memory_bytes = 8e9,
       .bandwidth = 1.7e10,
       .idle_w = 8,
       .max_w = 45,
       .standby_w = 3,
       .storage_bytes = 2.56e11,
       .price_usd = 650,
       .embodied_kg = 40,
       .edge = true,
       .source = "Sixfab ALPON X5 AI documentation 2026 (Compute Module 5, DEEPX DX-M1 25 TOPS int8, about "
                 "8 W idle, up to 45.5 W under full AI load); memory size, price, standby and embodied "
                 "assumed"},
      {.name = "apple-m2",
       .peak_fp32 = 3.6e12,
       .peak_fp16 = 1.58e13,
       .peak_int8 = 1.58e13,
       .memory_bytes = 8e9,
       .bandwidth = 1.0e11,
       .idle_w = 7,
       .max_w = 50,
       .standby_w = 1,
       .storage_bytes = 2.56e11,
       .price_usd = 599,
       .embodied_kg = 120,
       .source = "Apple Mac mini M2 2023 technical specifications (100 GB/s, 15.8 TOPS neural engine, "
                 "power 7 to 50 W, price); 3.6 TFLOPS fp32 of its 10-core GPU; standby and embodied "
                 "assumed"},
      {.name = "rtx-4070",
       .peak_fp32 = 2.9e13,
       .peak_fp16 = 5.8e13,
       .peak_int8 = 2.33e14,
       .memory_bytes = 1.2e10,
       .bandwidth = 5.04e11,
       .idle_w = 50,
       .max_w = 270,
       .standby_w = 3,
       .storage_bytes = 1e12,
       .price_usd = 1300,
       .embodied_kg = 250,
       .source = "NVIDIA Ada GPU architecture paper (AD104: dense tensor rates, 12 GB, 200 W, 599 USD) in "
                 "a desktop host assumed to add 40 W idle, 70 W busy and 700 USD; standby and embodied "
                 "assumed"},
      {.name = "rtx-4090",
       .peak_fp32 = 8.3e13,
       .peak_fp16 = 1.65e14,
       .peak_int8 = 6.6e14,
       .memory_bytes = 2.4e10,
       .bandwidth = 1.008e12,
       .idle_w = 60,
       .max_w = 520,
       .standby_w = 3,
       .storage_bytes = 2e12,
       .price_usd = 2600,
       .embodied_kg = 320,
       .source = "NVIDIA Ada GPU architecture paper (AD102: dense tensor rates, 24 GB, 450 W, 1,599 USD) "
                 "in a desktop host assumed to add 40 W idle, 70 W busy and 1,000 USD; standby and "
                 "embodied assumed"},
      {.name = "cpu-server",
       .peak_fp32 = 1.18e13,
       .peak_fp16 = 1.18e13,
       .peak_int8 = 4.7e13,
       .memory_bytes = 2.56e11,
       .bandwidth = 4.1e11,
       .idle_w = 150,
       .max_w = 700,
       .standby_w = 15,
       .storage_bytes = 2e12,
       .price_usd = 15000,
       .embodied_kg = 1300,
       .source = "Two Intel Xeon Platinum 8380 (80 cores at 2.3 GHz, 64 fp32 operations per cycle, 16 "
                 "channels DDR4-3200); embodied as Dell's PowerEdge R740 footprint of 2019; power assumed, "
                 "typical of SPECpower_ssj2008 results of the class; price assumed"},
      {.name = "datacentre-gpu",
       .peak_fp32 = 6.7e13,
       .peak_fp16 = 9.9e14,
       .peak_int8 = 1.98e15,
       .memory_bytes = 8e10,
       .bandwidth = 3.35e12,
       .idle_w = 250,
       .max_w = 1275,
       .standby_w = 40,
       .storage_bytes = 3.8e12,
       .price_usd = 37500,
       .embodied_kg = 330,
       .source = "One eighth of an NVIDIA DGX H100 (H100 SXM data sheet: dense tensor rates, 80 GB at "
                 "3.35 TB/s; system maximum 10.2 kW); embodied one eighth of NVIDIA's HGX H100 footprint "
                 "of 2024, 1,312 kg, and of a host like cpu-server; price, idle and standby assumed"},
  }};
  return table;
}

}  // namespace

std::span<const Device> device_catalogue() {
  return devices();
}

const Device* find_device(std::string_view name) {
  const auto all = device_catalogue();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Device& d) { return d.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace hardware
}  // namespace swarm
