#pragma once
#include "sim/world/plan.hpp"

/// The part of a plan that is about people: how many ask, what they would and can pay, and what the pricing rule means
/// for them. Internal to the room.
namespace swarm {
namespace world {

/// Requests that a site can answer per hour, at the mix of problem types and mean tok counts of the scenario.
double capacity_per_hour(const Plan& plan, const SiteInfo& site);

/// Divides demand over regions, chooses what one simulated request stands for, and sets the baseline price, willingness
/// to pay, budgets and pricing terms. Sites and their specialists must be placed. Throws InputError where prices, budgets
/// or the justice fund would be more than 64-bit money can count.
void plan_demand(Plan& plan);

}  // namespace world
}  // namespace swarm
