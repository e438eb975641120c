#pragma once
#include <string>

#include "sim/core/params.hpp"

/// Machines: `[hardware]`, `[energy]`, and the records `[[device]]` and `[[site]]`.
namespace swarm {
namespace hardware {

enum class ServiceTime : std::uint8_t { roofline, exponential };
enum class EnergyScale : std::uint8_t { nominal, executed };
enum class EdgeEnvelope : std::uint8_t { warn, enforce };

struct HardwareParams {
  ServiceTime service = ServiceTime::roofline;
  Duration mean_service{1};
  std::string default_device = "cpu-server";
  std::int64_t default_servers = 40;
  double default_pue = 1.4;
  EdgeEnvelope edge_envelope = EdgeEnvelope::warn;
};

template <class V>
void describe(V& v, HardwareParams& p) {
  v("service", p.service, {.unit = "", .doc = "Service time of a request: from the device's roofline, or drawn from an exponential distribution (for comparison with queueing theory)."});
  v("mean_service", p.mean_service, {.unit = "s", .min = 0, .max = 86400, .min_open = true, .doc = "Mean of the exponential service time; unused with roofline."});
  v("default_device", p.default_device, {.unit = "", .doc = "Device of the site that a region gets when the scenario lists no site in it."});
  v("default_servers", p.default_servers, {.unit = "1", .min = 1, .max = 1e9, .doc = "Servers of such a default site."});
  v("default_pue", p.default_pue, {.unit = "1", .min = 1, .max = 5, .doc = "Power usage effectiveness of such a default site.", .source = "Uptime Institute 2023 survey mean 1.58, rounded down for newer sites"});
  v("edge_envelope", p.edge_envelope, {.unit = "", .doc = "What happens where a specialist would break the edge envelope of a device with edge = true: check says so (warn), or it lives on another site of its region, and a region that has none for it is an error (enforce)."});
}

struct EnergyParams {
  EnergyScale scale = EnergyScale::nominal;
  bool allowance = false;
  bool allowance_defer = true;
  double allowance_share = 0.5;
  double allowance_rate = 0.1;
};

template <class V>
void describe(V& v, EnergyParams& p) {
  v("scale", p.scale, {.unit = "", .doc = "Whether time and energy are those of the specialist a micro-model stands for (nominal) or of the micro-model itself (executed), whose capacity is so large that workload.multiplicity should be set."});
  v("allowance", p.allowance, {.unit = "", .doc = "Whether each specialist has an allowance of energy for the UTC day, beyond which requests turn to a site where they take less, to another specialist, wait for the next day, or are refused."});
  v("allowance_defer", p.allowance_defer, {.unit = "", .doc = "Whether requests that find no allowance left are put away until the next UTC day begins and ask again then, where their users can wait until then (workload.flexibility); otherwise they are refused at once."});
  v("allowance_share", p.allowance_share, {.unit = "1", .min = 0, .max = 1, .doc = "That allowance, as a share of what the specialist's part of its site's servers takes in a day at full load.", .source = kAssumed});
  v("allowance_rate", p.allowance_rate, {.unit = "1", .min = 0, .max = 1, .min_open = true, .doc = "Weight of the latest request in the moving average by which the energy of the next one is estimated.", .source = kAssumed});
}

/// One machine type. Energy per operation is derived from peak rate and power, never stated on top.
struct Device {
  std::string name;
  double peak_fp32 = 1e12;
  double peak_fp16 = 1e12;
  double peak_int8 = 1e12;
  double efficiency = 0.4;
  double memory_bytes = 8e9;
  double bandwidth = 5e10;
  double idle_w = 10;
  double max_w = 100;
  double standby_w = 2;
  double storage_bytes = 1e11;
  double price_usd = 1000;
  double life_years = 4;
  double embodied_kg = 100;
  Duration idle_timeout{900};
  bool edge = false;
  std::string source;
};

template <class V>
void describe(V& v, Device& p) {
  v("name", p.name, {.unit = "", .doc = "Name of the device; a known name takes its defaults from the built-in catalogue."});
  v("peak_fp32", p.peak_fp32, {.unit = "op/s", .min = 1, .max = 1e18, .doc = "Peak rate of 32-bit floating-point operations (a multiply-add is two)."});
  v("peak_fp16", p.peak_fp16, {.unit = "op/s", .min = 1, .max = 1e18, .doc = "Peak rate of 16-bit floating-point operations."});
  v("peak_int8", p.peak_int8, {.unit = "op/s", .min = 1, .max = 1e18, .doc = "Peak rate of 8-bit integer operations."});
  v("efficiency", p.efficiency, {.unit = "1", .min = 0, .max = 1, .min_open = true, .doc = "Share of the peak rate that inference reaches.", .source = kAssumed});
  v("memory_bytes", p.memory_bytes, {.unit = "B", .min = 1, .max = 1e16, .doc = "Main memory."});
  v("bandwidth", p.bandwidth, {.unit = "B/s", .min = 1, .max = 1e16, .doc = "Memory bandwidth."});
  v("idle_w", p.idle_w, {.unit = "W", .min = 0, .max = 1e6, .doc = "Power when idle."});
  v("max_w", p.max_w, {.unit = "W", .min = 0, .max = 1e6, .doc = "Power when busy."});
  v("standby_w", p.standby_w, {.unit = "W", .min = 0, .max = 1e6, .doc = "Power when asleep."});
  v("storage_bytes", p.storage_bytes, {.unit = "B", .min = 0, .max = 1e18, .doc = "Local storage."});
  v("price_usd", p.price_usd, {.unit = "USD", .min = 0, .max = 1e9, .doc = "Purchase price."});
  v("life_years", p.life_years, {.unit = "a", .min = 0, .max = 100, .min_open = true, .doc = "Years over which price and embodied carbon are written off.", .source = kAssumed});
  v("embodied_kg", p.embodied_kg, {.unit = "kg", .min = 0, .max = 1e7, .doc = "Carbon emitted in making the device [kgCO2e]."});
  v("idle_timeout", p.idle_timeout, {.unit = "s", .min = 0, .doc = "Idle time after which a server falls asleep.", .source = kAssumed});
  v("edge", p.edge, {.unit = "", .doc = "Whether the edge envelope (model 100 MB, RAM 2 GB, storage 1 GB, latency 100 ms, 5 W) applies."});
  v("source", p.source, {.unit = "", .doc = "Where the figures come from."});
}

/// Servers of one device in one region.
struct Site {
  std::string name;
  std::string region;
  std::string device = "cpu-server";
  std::int64_t servers = 40;
  double pue = 1.4;
  double contracted_renewable = 0;
  double battery_kwh = 0;
  double battery_kw = 0;
  double battery_efficiency = 0.85;
  double heat_reuse = 0;
  double heat_displaced_g_per_kwh = 224.4;
};

template <class V>
void describe(V& v, Site& p) {
  v("name", p.name, {.unit = "", .doc = "Name of the site, unique in the scenario."});
  v("region", p.region, {.unit = "", .doc = "Region whose grid feeds the site."});
  v("device", p.device, {.unit = "", .doc = "Device of its servers, from the catalogue or a [[device]] table."});
  v("servers", p.servers, {.unit = "1", .min = 1, .max = 1e9, .doc = "Number of servers."});
  v("pue", p.pue, {.unit = "1", .min = 1, .max = 5, .doc = "Power usage effectiveness: grid energy per unit of energy the servers use."});
  v("contracted_renewable", p.contracted_renewable, {.unit = "1", .min = 0, .max = 1, .doc = "Share of its energy the site covers by renewable contracts (market-based carbon only)."});
  v("battery_kwh", p.battery_kwh, {.unit = "kWh", .min = 0, .max = 1e6, .doc = "What the site's battery can deliver when full; 0: none."});
  v("battery_kw", p.battery_kw, {.unit = "kW", .min = 0, .max = 1e9, .doc = "The most that it draws from the grid, and the most that it delivers."});
  v("battery_efficiency", p.battery_efficiency, {.unit = "1", .min = 0, .max = 1, .min_open = true, .doc = "What it delivers of what it has drawn (round trip); the rest is lost in charging.", .source = "NREL Annual Technology Baseline 2024, after Cole and Karmakar, Cost Projections for Utility-Scale Battery Storage, NREL/TP-6A40-85332, 2023"});
  v("heat_reuse", p.heat_reuse, {.unit = "1", .min = 0, .max = 1, .doc = "Share of the energy used at the site that heats something else."});
  v("heat_displaced_g_per_kwh", p.heat_displaced_g_per_kwh, {.unit = "g/kWh", .min = 0, .max = 5000, .doc = "What a kWh of that heat would have emitted otherwise.", .source = "natural gas, 56.1 kg/GJ (IPCC Guidelines 2006, vol. 2, table 2.2) = 201.96 g/kWh of net heat, in a boiler of efficiency 0.9, assumed"});
}

}  // namespace hardware
inline namespace core {
template <>
struct EnumNames<hardware::ServiceTime> {
  static constexpr std::array<std::string_view, 2> names{"roofline", "exponential"};
};
template <>
struct EnumNames<hardware::EnergyScale> {
  static constexpr std::array<std::string_view, 2> names{"nominal", "executed"};
};
template <>
struct EnumNames<hardware::EdgeEnvelope> {
  static constexpr std::array<std::string_view, 2> names{"warn", "enforce"};
};
}  // namespace core
}  // namespace swarm
