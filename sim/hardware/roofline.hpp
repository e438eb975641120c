#pragma once
#include <limits>
#include <string>
#include <vector>

#include "sim/hardware/params.hpp"

/// What a device takes to run a network: time by the roofline model (Williams, Waterman, Patterson, CACM
/// 2009), and the quantities derived from its data sheet: joules per multiply-add, cost and embodied carbon
/// per second.
namespace swarm {
namespace hardware {

/// The arithmetic a network runs in; picks which peak rate of the device bounds it.
enum class NumberFormat : std::uint8_t { fp32, fp16, int8 };

/// Peak rate [op/s] in this format. fp32 is the rate of ordinary 32-bit vector units, without
/// reduced-precision "TF32" modes; fp16 and int8 are the fastest dense units (fp32 accumulation for fp16),
/// without sparsity.
double peak_rate(const Device& device, NumberFormat format);

/// Seconds to execute `operations` [op; a multiply-add is two] that move `bytes` [B] through main memory:
/// max(operations / (peak·efficiency), bytes / bandwidth). 0 operations and 0 bytes take no time.
double roofline_seconds(const Device& device, double operations, double bytes,
                        NumberFormat format = NumberFormat::fp32);

/// Joules per multiply-add when busy and bound by arithmetic: 2·max_w / (peak·efficiency). Derived, for
/// reports only: energy is charged by state and time (power.hpp), so this never comes on top.
double joules_per_mac(const Device& device, NumberFormat format = NumberFormat::fp32);

/// What a specialist may take on an edge device.
struct Envelope {
  double model_bytes = 100e6;  ///< largest model [B]
  double ram_bytes = 2e9;      ///< largest working set [B]
  double storage_bytes = 1e9;  ///< largest stored state: snapshots, memories, weights [B]
  double latency_s = 0.1;      ///< longest time to an answer [s]
  double sustained_w = 5.0;    ///< highest sustained power [W]
};

/// Every limit of the envelope that a placement would break, one sentence each; empty if it fits or if the
/// device is not an edge device. A device with less memory or storage than the envelope allows tightens the
/// limit.
std::vector<std::string> edge_violations(const Device& device, double model_bytes, double ram_bytes,
                                         double latency_s, double sustained_w, double storage_bytes = 0,
                                         const Envelope& limit = {});

/// Purchase price written off evenly over the device's life [USD per second]: price / (life · 8,766 h).
double amortisation_usd_per_second(const Device& device);
/// Embodied carbon written off evenly over the device's life [gCO2e per second].
double embodied_g_per_second(const Device& device);

}  // namespace hardware
inline namespace core {
template <>
struct EnumNames<hardware::NumberFormat> {
  static constexpr std::array<std::string_view, 3> names{"fp32", "fp16", "int8"};
};
}  // namespace core
}  // namespace swarm
