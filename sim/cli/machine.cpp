#include "sim/cli/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace swarm {
namespace cli {

double machine_memory() {
  double memory = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  std::ifstream container("/sys/fs/cgroup/memory.max");  // says "max" where there is no limit
  if (double limit = 0; container >> limit) memory = std::min(memory, limit);
  return memory;
}

}  // namespace cli
}  // namespace swarm
