#include "agents/tasks/given_models.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "agents/tasks/generators.hpp"
#include "sim/core/errors.hpp"

namespace swarm {
namespace tasks {
namespace {

/// What is wrong with a model as a specialist; empty if nothing is.
std::string fault_of(const nn::Architecture& network) {
  const auto& layers = network.layers;
  if (std::any_of(layers.begin(), layers.end(),
                  [](const nn::Layer& l) { return std::holds_alternative<nn::Embedding>(l); }))
    return "takes ids of a vocabulary";
  const std::size_t inputs = network.input.size(), outputs = network.extents().back().size();
  if (inputs == kInputs && outputs == kClasses) return {};
  return fmt::format("takes {} numbers and gives {}", inputs, outputs);
}

}  // namespace

static_assert(workload::kProblemTypes == 4, "files_of() lists the types");
std::array<const std::string*, workload::kProblemTypes> files_of(const SpecialistParams& params) {
  return {&params.onnx_vision, &params.onnx_language, &params.onnx_reasoning, &params.onnx_memory};
}

GivenModels read_given_models(const SpecialistParams& params, ModelReader read) {
  GivenModels models;
  std::vector<Diagnostic> problems;
  for (std::size_t t = 0; t < workload::kProblemTypes; ++t) {
    const std::string& file = *files_of(params)[t];
    if (file.empty()) continue;
    const std::string key =
        fmt::format("specialists.onnx_{}", enum_name(static_cast<workload::ProblemType>(t)));
    try {
      if (read == nullptr)
        throw InputError(
            Diagnostic{.file = file,
                       .problem = fmt::format("'{}' names a model, but models are not read here", key),
                       .suggestion = fmt::format("Leave '{}' empty.", key)});
      const auto model = std::make_shared<const nn::Model>(read(file));
      if (const std::string fault = fault_of(model->architecture()); !fault.empty())
        throw InputError(
            Diagnostic{.file = file,
                       .problem = fmt::format("the model of '{}' {}", key, fault),
                       .why = fmt::format("problems are {} numbers and have {} answers", kInputs, kClasses),
                       .suggestion = "Name a model of that shape."});
      models[t] = model;
    } catch (const InputError& e) {
      problems.insert(problems.end(), e.problems().begin(), e.problems().end());
    }
  }
  if (!problems.empty()) throw InputError(std::move(problems));
  return models;
}

}  // namespace tasks
}  // namespace swarm
