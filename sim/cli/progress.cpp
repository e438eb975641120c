#include "sim/cli/progress.hpp"

#include <fmt/core.h>

#include <string>

#include "sim/cli/message.hpp"

namespace swarm {
namespace cli {
namespace {

std::string count_text(double n) {
  if (n >= 1e6) return fmt::format("{:.1f} M", n / 1e6);
  return n >= 1e4 ? fmt::format("{:.0f} k", n / 1e3) : fmt::format("{:.0f}", n);
}

}  // namespace

void Progress::update(std::uint32_t steps_done, std::uint64_t requests) {
  if (!line_.due(steps_done == steps_)) return;
  const double elapsed = line_.elapsed_s();
  const double done = static_cast<double>(steps_done) / steps_;
  const double rate = elapsed > 0 ? (steps_done - first_step_) / elapsed : 0;
  const double left = rate > 0 ? (steps_ - steps_done) / rate : 0;
  if (line_.as_json()) {
    const std::string run = which_.runs > 0 ? fmt::format("\"replicate\":{},\"replicates\":{},", which_.number, which_.runs) : "";
    say("{{{}\"step\":{},\"steps\":{},\"requests\":{},\"elapsed_s\":{:.3f},\"eta_s\":{:.3f},\"steps_per_s\":{:.3f}}}\n",
               run, steps_done, steps_, requests, elapsed, left, rate);
    return;
  }
  line_.draw(done, (which_.runs > 0 ? fmt::format("{}/{} ", which_.number + 1, which_.runs) : "") +
                       fmt::format("{:5.1f} %  day {:.1f}/{:.1f}  {} requests  {:.0f} steps/s  {}  ETA {}", 100 * done, steps_done * step_s_ / 86400.0,
                                   steps_ * step_s_ / 86400.0, count_text(static_cast<double>(requests)), rate, clock_text(elapsed), clock_text(left)));
}

}  // namespace cli
}  // namespace swarm
