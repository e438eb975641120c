#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace swarm {
namespace nn {

/// How far a network's weights moved when they were put into another form. Biases and padding do not count.
struct ConversionError {
  double max_abs = 0;  ///< largest |after − before|
  double rms = 0;      ///< root of the mean of its square over all weights
  double relative = 0;  ///< rms over the root mean square of the weights before; 0 if nothing changed
};

/// Measures a conversion weight by weight. The sum is in double precision and in the order of the calls.
class ConversionErrorSum {
 public:
  /// A number that became an infinity, or an infinity or NaN that became a number, is infinitely far away.
  void add(float before, double after) {
    ++count_;
    all_ += static_cast<double>(before) * static_cast<double>(before);
    if (static_cast<double>(before) == after || (std::isnan(before) && std::isnan(after))) return;
    const double away = std::abs(after - static_cast<double>(before));
    const double distance = std::isnan(away) ? std::numeric_limits<double>::infinity() : away;
    max_abs_ = std::max(max_abs_, distance);
    squares_ += distance * distance;
  }
  ConversionError result() const {
    if (squares_ == 0) return {};
    return {max_abs_, std::sqrt(squares_ / static_cast<double>(count_)), std::sqrt(squares_ / all_)};
  }

 private:
  double max_abs_ = 0;
  double squares_ = 0;
  double all_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace nn
}  // namespace swarm
