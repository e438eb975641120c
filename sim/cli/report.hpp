#pragma once
#include <filesystem>

#include "sim/core/params.hpp"
#include "sim/engine/simulation.hpp"
#include "sim/io/reader.hpp"
#include "sim/io/result_file.hpp"

/// What a run tells the person who started it. Every figure is read back from the result file.
namespace swarm {
namespace cli {

enum class SummaryFormat : std::uint8_t { text, json };

/// The end-of-run table, or /summary as one JSON object, on stdout.
void print_summary(const io::ResultReader& file, SummaryFormat format);

/// Seconds and share per phase and overall rates, on stderr.
void print_timing(engine::Simulation& sim, double wall_s, std::uint64_t requests, const io::RecordingCost& cost);

}  // namespace cli
inline namespace core {
template <>
struct EnumNames<cli::SummaryFormat> {
  static constexpr std::array<std::string_view, 2> names{"text", "json"};
};
}  // namespace core
}  // namespace swarm
