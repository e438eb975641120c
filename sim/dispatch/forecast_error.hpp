#pragma once
#include <cstdint>
#include <span>

/// What a scheduler believes a signal will be, where it does not know.
namespace swarm {
namespace dispatch {

/// forecast[i] = truth[i] + sigma·z(seed, i), half to even, z independent standard normal draws (stream
/// shift_forecast). They depend on seed and slot alone: signals under one seed share them, and a longer signal begins
/// with those of a shorter one. |z| < 8.3. ModelError if a value does not fit 64 bits.
void add_forecast_error(std::span<const std::int64_t> truth, double sigma, std::uint64_t seed, std::span<std::int64_t> forecast);

/// More than any |z|.
inline constexpr double kGreatestForecastError = 10;

}  // namespace dispatch
}  // namespace swarm
