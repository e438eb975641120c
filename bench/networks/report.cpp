#include "bench/networks/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "agents/nn/isa.hpp"
#include "bench/machine.hpp"
#include "bench/networks/peers.hpp"

namespace swarm {
namespace bench {
namespace {

constexpr const char* kOurs = "swarmsim";

std::string json(const Spread& values) {
  return fmt::format("[{:.5g}, {:.5g}, {:.5g}]", values[0], values[1], values[2]);
}

std::string json(const Case& what) {
  return fmt::format(
      R"("part": "{}", "shape": "{}", "models": {}, "batch": {}, "parameter_bytes": {:.0f}, "level": "{}")",
      what.part, shape_name(what.shape), what.models, what.batch, what.bytes,
      level_of(static_cast<std::size_t>(what.bytes)));
}

/// Where the contestant of this name stands, or the number of them.
std::size_t find(const Contestants& contestants, const std::string& name) {
  std::size_t at = 0;
  while (at < contestants.size() && contestants[at]->name() != name) ++at;
  return at;
}

Spread scaled(const std::vector<double>& values, double factor) {
  std::vector<double> out = values;
  for (double& value : out) value *= factor;
  return spread(std::move(out));
}

}  // namespace

std::string Case::name() const {
  return fmt::format("{}: {}, {} models, batch {}", part, shape_name(shape), models, batch);
}

void report_machine() {
  fmt::print(R"({{"part": "machine", "set": "{}", "peak_macs_per_s": {{)", enum_name(nn::active_isa()));
  const char* separator = "";
  for (const auto& [kind, name] : {std::pair{Arithmetic::fp32, "fp32"},
                                   {Arithmetic::fp32_avx2, "fp32 AVX2"},
                                   {Arithmetic::int8, "int8"},
                                   {Arithmetic::bf16, "bf16"}}) {
    if (!has(kind)) continue;
    fmt::print(R"({}"{}": {:.4g})", separator, name, peak_macs_per_second(kind));
    separator = ", ";
  }
  const Caches sizes = caches();
  fmt::print(R"(}}, "read_bytes_per_s": {{"L1": {:.4g}, "L2": {:.4g}, "L3": {:.4g}, "DRAM": {:.4g}, )",
             read_bytes_per_second(sizes.l1 / 2, 1), read_bytes_per_second(sizes.l2 / 2, 1),
             read_bytes_per_second(sizes.l3 / 4, 1), read_bytes_per_second(8 * sizes.l3, 1));
  fmt::print(R"("L3, two cores": {:.4g}, "DRAM, two cores": {:.4g}}}, "peers": {{)",
             read_bytes_per_second(sizes.l3 / 4, 2), read_bytes_per_second(8 * sizes.l3, 2));
  separator = "";
  for (const Peer& peer : peers()) {
    fmt::print(R"({}"{}": "{}")", separator, peer.name, peer.version);
    separator = ", ";
  }
  fmt::print("}}}}\n");
}

void report_contest(const Case& what, const Contestants& contestants, const Times& times, double peak_macs) {
  const std::size_t ours = find(contestants, kOurs), peak = find(contestants, "peak"),
                    stream = find(contestants, "stream");
  for (std::size_t c = 0; c < peak; ++c) {
    fmt::print(R"({{{}, "contestant": "{}", "us_per_model": {}, "peak_percent": {})", json(what),
               contestants[c]->name(), json(scaled(times[c], 1e6 / static_cast<double>(what.models))),
               json(ratios(times[peak], times[c], 100.0 * what.macs / peak_macs)));
    if (stream < contestants.size())
      fmt::print(R"(, "bandwidth_percent": {})", json(ratios(times[stream], times[c], 100.0)));
    if (ours < contestants.size() && c != ours)
      fmt::print(R"(, "ours_gain": {})", json(ratios(times[c], times[ours])));
    fmt::print("}}\n");
  }
}

void report_threads(const Case& what, const Times& times) {
  fmt::print(R"({{{}, "two_threads_gain": {}}})"
             "\n",
             json(what), json(ratios(times[0], times[1])));
}

}  // namespace bench
}  // namespace swarm
