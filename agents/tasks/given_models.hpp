#pragma once
#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "agents/nn/model.hpp"
#include "agents/tasks/params.hpp"
#include "sim/workload/problem_type.hpp"

/// Base specialists that were made elsewhere.
namespace swarm {
namespace tasks {

/// By problem type; null where specialists are trained.
using GivenModels = std::array<std::shared_ptr<const nn::Model>, workload::kProblemTypes>;

/// Reads a network from a file. Throws InputError or FileError.
using ModelReader = nn::Model (*)(const std::filesystem::path& file);

/// The files that the parameters name, by problem type; an empty name is none.
std::array<const std::string*, workload::kProblemTypes> files_of(const SpecialistParams& params);

/// Reads those that there are. Throws InputError, with the problems of all of them, for a file that cannot be
/// read, for a network that does not take 64 numbers and give 10 or takes ids, and for any file if the reader
/// is null.
GivenModels read_given_models(const SpecialistParams& params, ModelReader read);

}  // namespace tasks
}  // namespace swarm
