#include "sim/core/checks.hpp"

namespace swarm {
inline namespace core {

void contract_failed(const char* kind, const char* condition, const char* file, int line) {
  throw ModelError(fmt::format("{}:{}: {} violated: {} (a fault in swarmsim, not in the scenario) "
                               "please report it with the scenario and seed",
                               file, line, kind, condition));
}

}  // namespace core
}  // namespace swarm
