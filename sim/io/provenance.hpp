#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/io/schema.hpp"
#include "sim/scenario/scenario.hpp"

/// Where a result comes from: root attributes only, never part of a digest.
namespace swarm::io {

std::string program_version();   ///< "0.1.0"
std::string source_revision();   ///< git revision, with -dirty
std::string compiler_text();
/// "TBB 2021.8, HDF5 1.10.8, …"
std::string library_versions();

/// Which one of several runs of a scenario this is.
struct Replicate {
  std::int64_t master_seed = 0;  ///< that its seed was derived from
  std::int64_t number = 0;       ///< from 0
};

/// Attributes known at the start of a run; those of a replicate only if it is one.
std::vector<Attribute> opening_attributes(const scenario::Scenario& s, const std::string& command_line, int threads,
                                          const std::optional<Replicate>& replicate = std::nullopt);
/// Attributes known at its end.
std::vector<Attribute> closing_attributes();

}  // namespace swarm::io
