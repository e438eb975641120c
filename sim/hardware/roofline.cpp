#include "sim/hardware/roofline.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "sim/core/checks.hpp"

namespace swarm {
namespace hardware {
namespace {

constexpr double kSecondsPerYear = 8766.0 * 3600.0;  // Julian year

}  // namespace

double peak_rate(const Device& device, NumberFormat format) {
  switch (format) {
    case NumberFormat::fp32:
      return device.peak_fp32;
    case NumberFormat::fp16:
      return device.peak_fp16;
    case NumberFormat::int8:
      return device.peak_int8;
  }
  return device.peak_fp32;
}

double roofline_seconds(const Device& device, double operations, double bytes, NumberFormat format) {
  EXPECT(operations >= 0 && bytes >= 0);
  return std::max(operations / (peak_rate(device, format) * device.efficiency), bytes / device.bandwidth);
}

double joules_per_mac(const Device& device, NumberFormat format) {
  return 2.0 * device.max_w / (peak_rate(device, format) * device.efficiency);
}

std::vector<std::string> edge_violations(const Device& device, double model_bytes, double ram_bytes,
                                         double latency_s, double sustained_w, double storage_bytes,
                                         const Envelope& limit) {
  std::vector<std::string> broken;
  if (!device.edge) return broken;
  const auto check = [&](const char* what, double value, double most, double scale, const char* unit) {
    if (!(value <= most))
      broken.push_back(fmt::format("{} {:.6g} {} exceeds the edge limit of {:.6g} {} on {}", what,
                                   value / scale, unit, most / scale, unit, device.name));
  };
  check("model size", model_bytes, limit.model_bytes, 1e6, "MB");
  check("working memory", ram_bytes, std::min(limit.ram_bytes, device.memory_bytes), 1e6, "MB");
  check("storage", storage_bytes, std::min(limit.storage_bytes, device.storage_bytes), 1e6, "MB");
  check("latency", latency_s, limit.latency_s, 1e-3, "ms");
  check("sustained power", sustained_w, limit.sustained_w, 1, "W");
  return broken;
}

double amortisation_usd_per_second(const Device& device) {
  return device.price_usd / (device.life_years * kSecondsPerYear);
}

double embodied_g_per_second(const Device& device) {
  return device.embodied_kg * 1000.0 / (device.life_years * kSecondsPerYear);
}

}  // namespace hardware
}  // namespace swarm
