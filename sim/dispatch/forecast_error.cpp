#include "sim/dispatch/forecast_error.hpp"

#include "sim/core/checks.hpp"
#include "sim/core/distributions.hpp"
#include "sim/core/rng.hpp"
#include "sim/core/units.hpp"

namespace swarm {
namespace dispatch {

void add_forecast_error(std::span<const std::int64_t> truth, double sigma, std::uint64_t seed, std::span<std::int64_t> forecast) {
  EXPECT(truth.size() == forecast.size() && sigma >= 0);
  const Random random(seed, Stream::shift_forecast);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const RandomBlock words = random.block(0, i);
    const std::int64_t error = round_half_even(sigma * normal(uniform_open(words[0], words[1])));
    if (__builtin_add_overflow(truth[i], error, &forecast[i])) integer_overflow("a forecast");
  }
}

}  // namespace dispatch
}  // namespace swarm
