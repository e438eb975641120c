#include "sim/io/provenance.hpp"

#include <H5public.h>
#include <boost/version.hpp>
#include <fmt/core.h>
#include <google/protobuf/stubs/common.h>
#include <lemon/config.h>
#include <libdeflate.h>
#include <onnx/common/version.h>
#include <tbb/version.h>
#include <unistd.h>
#include <xxhash.h>

#include <array>
#include <chrono>

#include "agents/nn/isa.hpp"
#include "sim/core/calendar.hpp"
#include "sim/scenario/echo.hpp"
#include "swarm_version.hpp"

namespace swarm::io {
namespace {

std::string now_text() {
  using namespace std::chrono;
  return utc_text(duration_cast<seconds>(system_clock::now().time_since_epoch()).count());
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

}  // namespace

std::string program_version() { return SWARM_VERSION; }
std::string source_revision() { return SWARM_SOURCE_REVISION; }
std::string compiler_text() { return "g++ " __VERSION__; }

std::string library_versions() {
  return fmt::format("TBB {}.{}, HDF5 {}.{}.{}, fmt {}.{}.{}, Boost {}.{}.{}, libdeflate {}, xxHash {}.{}.{}, "
                     "Protocol Buffers {}.{}.{}, ONNX {}, LEMON {}, Random123, toml++",
                     TBB_VERSION_MAJOR, TBB_VERSION_MINOR, H5_VERS_MAJOR, H5_VERS_MINOR, H5_VERS_RELEASE,
                     FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100, BOOST_VERSION / 100000,
                     BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100, LIBDEFLATE_VERSION_STRING, XXH_VERSION_MAJOR,
                     XXH_VERSION_MINOR, XXH_VERSION_RELEASE, GOOGLE_PROTOBUF_VERSION / 1'000'000,
                     GOOGLE_PROTOBUF_VERSION / 1000 % 1000, GOOGLE_PROTOBUF_VERSION % 1000, ::onnx::LAST_RELEASE_VERSION, LEMON_VERSION);
}

std::vector<Attribute> opening_attributes(const scenario::Scenario& s, const std::string& command_line, int threads,
                                          const std::optional<Replicate>& replicate) {
  std::string overrides;
  for (const auto& o : s.overrides) overrides += (overrides.empty() ? "" : "\n") + o;
  std::vector<Attribute> attributes{{"swarmsim_version", program_version()},
                                    {"source_revision", source_revision()},
                                    {"title", s.run.question},
                                    {"scenario_name", s.run.name},
                                    {"scenario", s.text},
                                    {"scenario_effective", scenario::effective_toml(s)},
                                    {"overrides", overrides},
                                    {"command_line", command_line},
                                    {"seed", s.run.seed},
                                    {"threads", std::int64_t{threads}},
                                    {"host", host_name()},
                                    {"simd", std::string(enum_name(nn::active_isa()))},
                                    {"compiler", compiler_text()},
                                    {"library_versions", library_versions()},
                                    {"started", now_text()}};
  if (replicate) {
    attributes.push_back({"master_seed", replicate->master_seed});
    attributes.push_back({"replicate", replicate->number});
  }
  return attributes;
}

std::vector<Attribute> closing_attributes() { return {{"finished", now_text()}}; }

}  // namespace swarm::io
