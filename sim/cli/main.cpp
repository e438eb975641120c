#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "sim/cli/message.hpp"
#include "sim/cli/verbs.hpp"
#include "sim/core/errors.hpp"

namespace {

using swarm::cli::ExitCode;

/// A result file must never get the number of a standard stream that was closed: messages would go into it.
void occupy_closed_streams() {
  for (int stream = 0; stream <= 2; ++stream)
    if (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != stream) std::_Exit(static_cast<int>(ExitCode::bad_file));
}

ExitCode fail(ExitCode code, const char* text) {
  swarm::cli::say("{}\n", text);
  return code;
}

ExitCode fail_to_print(const std::system_error& e) {
  if (e.code().value() == EPIPE) {  // the reader has seen enough: end as every filter does
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
  }
  swarm::cli::say("standard output: cannot be written ({})\n", e.code().message());
  return ExitCode::bad_file;
}

ExitCode run(const std::vector<std::string>& arguments) {
  using namespace swarm;
  try {
    const ExitCode code = cli::dispatch(arguments);
    if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category());
    return code;
  } catch (const InputError& e) {
    return fail(ExitCode::bad_input, e.what());
  } catch (const FileError& e) {
    return fail(ExitCode::bad_file, e.what());
  } catch (const std::filesystem::filesystem_error& e) {
    return fail(ExitCode::bad_file, e.what());
  } catch (const std::system_error& e) {
    return std::ferror(stdout) != 0 ? fail_to_print(e) : fail(ExitCode::failed, e.what());
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::failed, "out of memory; lower population.agents or workload.requests_per_hour.");
  } catch (const std::exception& e) {
    return fail(ExitCode::failed, e.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  occupy_closed_streams();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that reaches a limit is an error like a full disk, and is said like one
  std::signal(SIGPIPE, SIG_IGN);  // that nobody reads the messages is no reason to end a run
  return static_cast<int>(run(std::vector<std::string>(argv + 1, argv + argc)));
}
