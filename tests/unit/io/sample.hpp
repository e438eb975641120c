#pragma once
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "sim/io/reader.hpp"
#include "sim/io/result_file.hpp"

/// A small result file with every type and kind of axis, whose values follow from (group, column, row,
/// place).
namespace swarm::io::sample {

/// A folder of its own that vanishes with the test.
class Folder {
 public:
  explicit Folder(std::filesystem::path base = std::filesystem::temp_directory_path()) {
    std::string name = (base / "swarm_io_XXXXXX").string();
    if (mkdtemp(name.data())) path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::filesystem::path path_;
};

inline const std::string kStart = "2022-01-03T00:00:00Z";

inline std::vector<Group> groups(std::uint64_t chunk_rows = 7) {
  const Axis time{"time"}, region{"region", 3, {"BD", "KE", "Deutschland-Süd"}}, slot{"slot", 4};
  const Group regions{
      "/region",
      {time, region, slot},
      {{"energy_kwh", ElementType::f64, {"time", "region"}, "kWh", "energy used", ResultKind::modelled},
       {"latency_s", ElementType::f32, {"time", "region", "slot"}, "s", "waiting time", ResultKind::modelled},
       {"requests", ElementType::i64, {"time", "region"}, "1", "requests arrived", ResultKind::executed},
       {"change", ElementType::i32, {"time", "region"}, "1", "change of queue", ResultKind::executed},
       {"served", ElementType::u32, {"time"}, "1", "requests served", ResultKind::executed},
       {"mode",
        ElementType::i8,
        {"time", "region"},
        "1",
        "mode",
        ResultKind::accounting,
        {"idle", "green", "grid"}},
       {"raw", ElementType::u8, {"time", "slot"}, "1", "raw byte", ResultKind::executed}},
      chunk_rows};
  const Group agents{
      "/agent",
      {time, {"agent", 5, {"a", "b", "c", "d", "e"}}},
      {{"wallet", ElementType::i64, {"time", "agent"}, "uTKN", "wallet", ResultKind::accounting}},
      chunk_rows};
  const Group evolution{
      "/evolution",
      {{"generation"}, {"trait", 2, {"depth", "width"}}},
      {{"mean_trait", ElementType::f64, {"generation", "trait"}, "1", "mean trait", ResultKind::executed}},
      chunk_rows};
  return {regions, agents, evolution};
}

inline std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

/// The value of one place of one column. Small numbers, exact in every type.
inline int value(std::size_t group, std::size_t column, std::uint64_t row, std::uint64_t place) {
  const bool flags = group == 0 && column == 5;
  return static_cast<int>(mix(mix(mix(group * 97 + column) + row) + place) % (flags ? 3 : 100));
}

template <class T>
void put(std::vector<std::byte>& out, int number) {
  const T v = static_cast<T>(number);
  const std::size_t at = out.size();
  out.resize(at + sizeof v);
  std::memcpy(out.data() + at, &v, sizeof v);
}

inline std::vector<std::byte> row_of(const Group& group, std::size_t g, std::uint64_t row) {
  std::vector<std::byte> out;
  const auto columns = columns_of(group);
  for (std::size_t c = 0; c < group.variables.size(); ++c) {
    const std::uint64_t places = columns[c].row_bytes / element_size(columns[c].type);
    for (std::uint64_t k = 0; k < places; ++k) {
      const int v = value(g, c, row, k);
      switch (columns[c].type) {
        case ElementType::f64:
          put<double>(out, v);
          break;
        case ElementType::f32:
          put<float>(out, v);
          break;
        case ElementType::i64:
          put<std::int64_t>(out, v);
          break;
        case ElementType::i32:
          put<std::int32_t>(out, v);
          break;
        case ElementType::u32:
          put<std::uint32_t>(out, v);
          break;
        case ElementType::i8:
          put<std::int8_t>(out, v);
          break;
        case ElementType::u8:
          put<std::uint8_t>(out, v);
          break;
      }
    }
  }
  return out;
}

/// Group 0 is recorded at every step, group 1 at every fifth, group 2 at every seventh.
inline constexpr std::uint64_t kEvery[] = {1, 5, 7};
inline constexpr double kStepSeconds = 300;

/// Rows group g has once steps 0 … steps−1 are recorded.
inline std::uint64_t rows_after(std::uint64_t steps, std::size_t g) {
  return (steps + kEvery[g] - 1) / kEvery[g];
}

inline std::vector<std::uint64_t> rows_after(std::uint64_t steps) {
  return {rows_after(steps, 0), rows_after(steps, 1), rows_after(steps, 2)};
}

inline void record_step(ResultFile& file, const std::vector<Group>& description, std::uint64_t step) {
  for (std::size_t g = 0; g < description.size(); ++g)
    if (step % kEvery[g] == 0)
      file.append(g, kStepSeconds * static_cast<double>(step), static_cast<std::int64_t>(step),
                  row_of(description[g], g, step / kEvery[g]));
}

inline std::vector<Attribute> root() {
  return {{"scenario", std::string("[run]\nname = \"Prüfung\"\n")},
          {"seed", std::int64_t{42}},
          {"step_s", 300.0}};
}

inline std::vector<StaticGroup> closing() {
  return {{"/summary",
           {{"region", 3, {"BD", "KE", "Deutschland-Süd"}}, {"income_group", 2, {"low", "high"}}, {"bin", 3}},
           {{"energy_kwh", std::vector<double>{12.5}, {}, "kWh", "energy used", ResultKind::modelled},
            {"token_supply", std::vector<std::int64_t>{9007199254740993}, {}, "uTKN", "tokens in being"},
            {"accuracy",
             std::vector<float>{0.5F, 0.25F, 0.75F},
             {"region"},
             "1",
             "accuracy",
             ResultKind::executed},
            {"price", std::vector<double>{1, 2, 3, 4, 5, 6}, {"income_group", "bin"}, "USD", "price"},
            {"counts", std::vector<std::uint32_t>{1, 2, 4000000000U}, {"bin"}, "1", "counts"},
            {"balanced",
             std::vector<std::int8_t>{1},
             {},
             "1",
             "accounts balance",
             ResultKind::accounting,
             {"no", "yes"}},
            {"rule", std::vector<std::string>{"justice – v2"}, {}, "1", "pricing rule"},
            {"names", std::vector<std::string>{"x", "", "żółw"}, {"bin"}, "1", "names"}}},
          {"/region",
           {},
           {{"latitude", std::vector<double>{23.7, -1.3, 48.1}, {"region"}, "degrees_north", "latitude"}}}};
}

/// Records `steps` steps into `name`, flushing after every `flush_every` (0: never).
inline void write(const std::filesystem::path& name, std::uint64_t steps, std::uint64_t chunk_rows = 7,
                  std::uint64_t flush_every = 0, int compression = 4) {
  const auto description = groups(chunk_rows);
  ResultFile file = ResultFile::create(name, description, root(), kStart, compression);
  for (std::uint64_t step = 0; step < steps; ++step) {
    record_step(file, description, step);
    if (flush_every && (step + 1) % flush_every == 0) file.flush();
  }
  file.finish(closing(), {{"finished", std::string("2022-01-04T00:00:00Z")}});
}

inline std::string bytes(const std::filesystem::path& name) {
  std::ifstream in(name, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline void put_bytes(const std::filesystem::path& name, const std::string& content) {
  std::ofstream(name, std::ios::binary) << content;
}

/// Number of wrong values among the first `rows` rows of a group, its own columns included.
template <class Reader>
std::uint64_t wrong_values(const Reader& file, const Group& group, std::size_t g, std::uint64_t rows) {
  std::uint64_t wrong = 0;
  const auto columns = columns_of(group);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto values = file.template read<double>(group.path + "/" + columns[c].name);
    const std::uint64_t places = columns[c].row_bytes / element_size(columns[c].type);
    if (values.size() < rows * places) return rows;
    for (std::uint64_t row = 0; row < rows; ++row)
      for (std::uint64_t k = 0; k < places; ++k) {
        double expected = value(g, c, row, k);
        const auto step = static_cast<double>(row * kEvery[g]);
        if (columns[c].name == "step") expected = step;
        if (columns[c].name == "time") expected = kStepSeconds * step;
        if (columns[c].name == "generation") expected = static_cast<double>(row);
        wrong += values[row * places + k] != expected;
      }
  }
  return wrong;
}

}  // namespace swarm::io::sample
