#pragma once
#include <string_view>

#include "sim/grid/params.hpp"

/// Coefficients of profiles, fitted to published hourly series by analysis/fit_profiles.py.
namespace swarm {
namespace grid {

/// Fitted variation of the carbon intensity of a zone, of a country's zones, or of a class; the name must be
/// a row of profile_table.cpp.
const Variation& fitted_intensity(std::string_view name);
/// The same of the wholesale electricity price (no weekly and no yearly part).
const Variation& fitted_price(std::string_view name);

}  // namespace grid
}  // namespace swarm
