#include "sim/world/energy_account.hpp"

namespace swarm {
namespace world {

void EnergySums::add(const EnergySums& more) {
  for (auto field : {&EnergySums::used_kwh, &EnergySums::charge_kwh, &EnergySums::discharge_kwh, &EnergySums::loss_kwh,
                     &EnergySums::discharge_avoided_g, &EnergySums::heat_kwh, &EnergySums::heat_avoided_g,
                     &EnergySums::regenerated_kwh, &EnergySums::regenerated_g})
    this->*field += more.*field;
  for (auto field : {&EnergySums::allowance_cheaper, &EnergySums::allowance_turned, &EnergySums::estimates, &EnergySums::estimates_close,
                     &EnergySums::allowance_deferred, &EnergySums::allowance_released})
    this->*field += more.*field;
}

}  // namespace world
}  // namespace swarm
