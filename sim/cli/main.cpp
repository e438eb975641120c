#include <fmt/core.h>

#include <exception>
#include <new>
#include <string>
#include <vector>

#include "sim/cli/verbs.hpp"
#include "sim/core/errors.hpp"

int main(int argc, char** argv) {
  using namespace swarm;
  using cli::ExitCode;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  ExitCode code = ExitCode::done;
  const auto fail = [&](ExitCode as, const char* text) {
    fmt::print(stderr, "{}\n", text);
    code = as;
  };
  try {
    code = cli::dispatch(arguments);
    if (std::fflush(stdout) != 0) throw FileError({.file = "stdout", .problem = "cannot write the output"});
  } catch (const InputError& e) {
    fail(ExitCode::bad_input, e.what());
  } catch (const FileError& e) {
    fail(ExitCode::bad_file, e.what());
  } catch (const std::bad_alloc&) {
    fail(ExitCode::failed, "out of memory (the scenario needs more than the machine has) try fewer agents or a smaller requests_per_hour.");
  } catch (const std::exception& e) {
    fail(ExitCode::failed, e.what());
  }
  return static_cast<int>(code);
}
