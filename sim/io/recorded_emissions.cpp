#include "sim/io/recorded_emissions.hpp"

#include <algorithm>
#include <string_view>
#include <variant>

#include "sim/io/reader.hpp"

namespace swarm::io {

world::RecordedEmissions read_emissions(const std::filesystem::path& file) {
  constexpr std::string_view kSince = "seconds since ";
  const ResultReader reader(file, "/region/");
  world::RecordedEmissions out;
  for (const Attribute& attribute : reader.attributes())
    if (const auto* seed = std::get_if<std::int64_t>(&attribute.value); seed != nullptr && attribute.name == "seed")
      out.seed = *seed;
  const std::string units = reader.dataset("/region/time").units;
  if (units.starts_with(kSince)) {
    out.start = units.substr(kSince.size()) + "Z";
    std::ranges::replace(out.start, ' ', 'T');
  }
  const auto times = reader.read<double>("/region/time");
  if (times.size() > 1) out.step_s = times[1] - times[0];
  out.regions = reader.read_text("/region/region");
  out.location_g = reader.read<double>("/region/carbon_location_g");
  return out;
}

}  // namespace swarm::io
