#pragma once
#include <cstdint>

#include "sim/policy/params.hpp"

namespace swarm {
namespace policy {

/// Social cost of carbon in the year of `utc` [s since 1970]: USD of 2020 per tonne of CO2, the EPA's figures for
/// 2020, 2025, 2030, 2040, … 2080 joined by straight lines and held beyond them.
/// Source: US EPA, Report on the Social Cost of Greenhouse Gases, December 2023, rounded as published.
double social_cost_usd_per_t(SocialCostPath path, std::int64_t utc);

}  // namespace policy
}  // namespace swarm
