#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/machine.hpp"

/// Several ways to do the same work take turns, so that whatever else the machine does meets all of them
/// alike.
namespace swarm {
namespace bench {

class Contestant {
 public:
  explicit Contestant(std::string name, int threads = 1) : name_(std::move(name)), threads_(threads) {}
  virtual ~Contestant() = default;
  Contestant(const Contestant&) = delete;
  Contestant& operator=(const Contestant&) = delete;

  const std::string& name() const { return name_; }
  int threads() const { return threads_; }
  /// All of the work once. This is what is timed.
  virtual void pass() = 0;
  /// What the last pass computed, for comparison; empty where there is nothing to compare.
  virtual std::vector<float> outputs() const { return {}; }

 private:
  std::string name_;
  int threads_;
};
using Contestants = std::vector<std::unique_ptr<Contestant>>;

/// Reads as many bytes as the contestants' weights have, the fastest way there is: what 100 % of the
/// bandwidth means.
std::unique_ptr<Contestant> make_stream(std::size_t bytes);
/// Multiply-adds in registers, `*macs` of them a pass: what 100 % of the peak means. Exists where has() says
/// so.
std::unique_ptr<Contestant> make_peak(Arithmetic kind, double* macs);

/// How often and how long.
struct Effort {
  std::size_t rounds;  ///< in each of which every contestant has a turn
  double seconds;      ///< of one turn, at least
};

/// Seconds per pass, [contestant][round]. A turn starts with an untimed pass, which brings a contestant's
/// data back into the caches. Turns on one thread are measured in the process's processor time, in which a
/// second thread would not go unnoticed; those on more threads in wall time.
using Times = std::vector<std::vector<double>>;
enum class Clock : unsigned char { processor, wall };
Times alternate(const Contestants& contestants, const Effort& effort, Clock clock = Clock::processor);

/// Least, median and most.
using Spread = std::array<double, 3>;
Spread spread(std::vector<double> values);
/// Spread of scale · above[i] / below[i], pair by pair.
Spread ratios(std::span<const double> above, std::span<const double> below, double scale = 1.0);

/// The largest difference in any row of `columns` numbers, relative to the largest magnitude of that row in
/// `right`.
double largest_error(std::span<const float> tested, std::span<const float> right, std::size_t columns);
/// Lets all contestants pass once and throws std::runtime_error, which names contestant and case, unless the
/// outputs of all of them differ from `right` by at most `tolerance` in the sense of largest_error().
void expect_outputs(const Contestants& contestants, std::span<const float> right, std::size_t columns,
                    double tolerance, const std::string& what);

}  // namespace bench
}  // namespace swarm
