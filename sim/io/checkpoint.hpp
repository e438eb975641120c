#pragma once
#include <filesystem>
#include <vector>

#include "sim/engine/simulation.hpp"

/// Exact restart: every state column of the registry in a sidecar beside the result file, with the number of
/// rows that had been flushed. Independent of how regions were divided over worlds.
namespace swarm::io {

/// Beside FILE.h5: FILE.h5.ckpt.
std::filesystem::path checkpoint_name(const std::filesystem::path& final_name);

/// Replaces the checkpoint by the state after the steps done so far. Throws FileError.
void write_checkpoint(const std::filesystem::path& file, const engine::Simulation& sim,
                      const std::vector<std::uint64_t>& rows);

/// Puts the state back into a simulation of the same scenario and returns the rows to keep. Throws FileError if
/// the file is unusable, InputError if it belongs to another scenario.
std::vector<std::uint64_t> read_checkpoint(const std::filesystem::path& file, engine::Simulation& sim);

/// The effective scenario that a checkpoint was written under.
std::string checkpoint_scenario(const std::filesystem::path& file);

}  // namespace swarm::io
