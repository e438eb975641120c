#pragma once

namespace swarm::engine {

/// A section of a scenario that lets carbon intensities and prices of electricity stand still, so that what serving
/// costs is the same in all steps. TOML.
inline constexpr const char* kStillGrid = R"([grid]
diurnal = 0
weekly = 0
seasonal = 0
ar1_sigma = 0
price_diurnal = 0
price_ar1_sigma = 0
)";

}  // namespace swarm::engine
