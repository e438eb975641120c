#include "sim/scenario/load.hpp"

#include "sim/scenario/assemble.hpp"
#include "sim/scenario/validate.hpp"

namespace swarm {
namespace scenario {

Scenario load_text(std::string text, const std::filesystem::path& pretend_path,
                   const std::vector<std::string>& overrides, const std::filesystem::path& folder) {
  Scenario scenario;
  scenario.path = pretend_path;
  scenario.text = std::move(text);
  scenario.overrides = overrides;
  const Place file{pretend_path.string(), 0, 0, {}};

  Problems problems;
  const auto layers = read_layers(scenario.text, pretend_path, problems);
  const auto changes = parse_overrides(overrides, problems);
  problems.raise();  // what cannot be read would make the rest look wrong

  Stated stated;
  Assembler assembler(scenario, stated, problems);
  for (const auto& layer : layers) assembler.add(layer);
  for (const auto& change : changes) assembler.add(change);
  assembler.finish(folder);
  resolve_end(scenario.run, stated, file, problems);
  validate(scenario, stated, file, problems);
  problems.raise();
  return scenario;
}

Scenario load(const std::filesystem::path& file, const std::vector<std::string>& overrides,
              const std::filesystem::path& folder) {
  Problems problems;
  std::string text;
  read_text(file, {file.string(), 0, 0, {}}, text, problems);
  problems.raise();
  return load_text(std::move(text), file, overrides, folder);
}

}  // namespace scenario
}  // namespace swarm
