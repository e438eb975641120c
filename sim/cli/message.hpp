#pragma once
#include <fmt/core.h>

#include <cstdio>

namespace swarm {
namespace cli {

/// Prints to standard error. That nobody reads it there is no reason to fail.
template <class... T>
void say(fmt::format_string<T...> format, T&&... values) {
  std::fputs(fmt::format(format, std::forward<T>(values)...).c_str(), stderr);
}

}  // namespace cli
}  // namespace swarm
