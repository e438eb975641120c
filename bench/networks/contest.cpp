#include "bench/networks/contest.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "agents/nn/model.hpp"
#include "sim/core/parallel.hpp"

namespace swarm {
namespace bench {
namespace {

class Stream final : public Contestant {
 public:
  explicit Stream(std::size_t bytes)
      : Contestant("stream"), data_(std::max<std::size_t>(1, bytes / 512) * 128, 1.0f) {}
  void pass() override { read_all(data_); }

 private:
  nn::AlignedFloats data_;
};

class Peak final : public Contestant {
 public:
  Peak(Arithmetic kind, double* macs) : Contestant("peak"), kind_(kind) {
    *macs = static_cast<double>(spin(kind, kRounds));
  }
  void pass() override { spin(kind_, kRounds); }

 private:
  static constexpr std::size_t kRounds = 10'000;
  Arithmetic kind_;
};

double now(Clock clock) {
  timespec time{};
  clock_gettime(clock == Clock::wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Seconds per pass of one turn.
double turn(Contestant& contestant, std::size_t passes, Clock clock) {
  return ThreadLimit(contestant.threads()).execute([&] {
    contestant.pass();
    const double start = now(clock);
    for (std::size_t i = 0; i < passes; ++i) contestant.pass();
    return (now(clock) - start) / static_cast<double>(passes);
  });
}

}  // namespace

std::unique_ptr<Contestant> make_stream(std::size_t bytes) {
  return std::make_unique<Stream>(bytes);
}

std::unique_ptr<Contestant> make_peak(Arithmetic kind, double* macs) {
  return std::make_unique<Peak>(kind, macs);
}

Times alternate(const Contestants& contestants, const Effort& effort, Clock clock) {
  std::vector<std::size_t> passes;
  for (const auto& contestant : contestants) {
    const double once = std::max(1e-7, std::min(turn(*contestant, 1, clock), turn(*contestant, 2, clock)));
    passes.push_back(static_cast<std::size_t>(std::ceil(effort.seconds / once)));
  }
  Times times(contestants.size());
  for (std::size_t round = 0; round < effort.rounds; ++round)
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      const std::size_t c = (round + i) % contestants.size();  // nobody is always first
      times[c].push_back(turn(*contestants[c], passes[c], clock));
    }
  return times;
}

Spread spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return {values.front(), 0.5 * (values[(n - 1) / 2] + values[n / 2]), values.back()};
}

Spread ratios(std::span<const double> above, std::span<const double> below, double scale) {
  std::vector<double> each;
  for (std::size_t i = 0; i < above.size(); ++i) each.push_back(scale * above[i] / below[i]);
  return spread(std::move(each));
}

double largest_error(std::span<const float> tested, std::span<const float> right, std::size_t columns) {
  if (tested.size() != right.size()) return std::numeric_limits<double>::infinity();
  double worst = 0;
  for (std::size_t row = 0; row < right.size(); row += columns) {
    double size = 0, error = 0;
    for (std::size_t i = row; i < row + columns; ++i) {
      size = std::max(size, std::abs(static_cast<double>(right[i])));
      const double difference = std::abs(static_cast<double>(tested[i]) - static_cast<double>(right[i]));
      // A number that is none must not slip through a comparison that it never wins.
      error = difference <= error      ? error
              : std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                       : difference;
    }
    if (error > 0) worst = std::max(worst, error / size);
  }
  return worst;
}

void expect_outputs(const Contestants& contestants, std::span<const float> right, std::size_t columns,
                    double tolerance, const std::string& what) {
  for (const auto& contestant : contestants) {
    contestant->pass();
    const double error = largest_error(contestant->outputs(), right, columns);
    if (!(error <= tolerance))
      throw std::runtime_error(fmt::format("{}: {} is wrong by {:.3g}, more than {:g}", what,
                                           contestant->name(), error, tolerance));
  }
}

}  // namespace bench
}  // namespace swarm
