#pragma once
#include "sim/core/errors.hpp"

/// Contracts inside, validation at the boundary. EXPECT states what a function needs, ENSURE what it leaves
/// behind; both are checked in debug and audit builds and cost nothing in release builds.
namespace swarm {
inline namespace core {
[[noreturn]] void contract_failed(const char* kind, const char* condition, const char* file, int line);
}
}  // namespace swarm

#ifdef SWARM_CONTRACTS
#define SWARM_CONTRACT_(kind, condition) \
  ((condition) ? static_cast<void>(0) : ::swarm::contract_failed(kind, #condition, __FILE__, __LINE__))
#else
#define SWARM_CONTRACT_(kind, condition) static_cast<void>(sizeof((condition) ? 1 : 0))
#endif
#define EXPECT(condition) SWARM_CONTRACT_("precondition", condition)
#define ENSURE(condition) SWARM_CONTRACT_("postcondition", condition)
