#pragma once
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "sim/io/schema.hpp"

/// The one reader of result files, finished or partial; it never changes them.
namespace swarm::io {

template <class T>
constexpr ElementType element_type_of() {
  if constexpr (std::same_as<T, double>)
    return ElementType::f64;
  else if constexpr (std::same_as<T, float>)
    return ElementType::f32;
  else if constexpr (std::same_as<T, std::int64_t>)
    return ElementType::i64;
  else if constexpr (std::same_as<T, std::int32_t>)
    return ElementType::i32;
  else if constexpr (std::same_as<T, std::uint32_t>)
    return ElementType::u32;
  else if constexpr (std::same_as<T, std::int8_t>)
    return ElementType::i8;
  else {
    static_assert(std::same_as<T, std::uint8_t>);
    return ElementType::u8;
  }
}

/// What is known about one dataset without reading its values.
struct DatasetInfo {
  std::string path;                  ///< "/region/energy_kwh"
  std::optional<ElementType> type;   ///< empty: text
  std::vector<std::uint64_t> shape;  ///< rows beyond the last complete flush are not counted
  std::vector<std::string> axes;     ///< names, slowest first
  std::string units, long_name, kind;
  std::vector<std::string> flag_meanings;
  bool grows = false;            ///< lies along a growing axis
  bool bare_dimension = false;   ///< no values of its own
  std::uint64_t chunk_rows = 0;  ///< 0: not chunked

  std::uint64_t count() const;
};

class ResultReader {
 public:
  /// Throws FileError: absent, not HDF5, truncated, written by another program, or in a newer format. With `only`
  /// ("/summary/") datasets elsewhere are not looked at, as if they were absent: for reading many files.
  explicit ResultReader(const std::filesystem::path& file, std::string_view only = {});
  ~ResultReader();
  ResultReader(ResultReader&&) noexcept;
  ResultReader& operator=(ResultReader&&) noexcept;

  /// False for a partial file, whether of a run still going or of one that died.
  bool finished() const;
  const std::vector<Attribute>& attributes() const;  ///< of the root
  bool has_attribute(const std::string& name) const;
  /// A root attribute as text. Throws FileError if absent.
  std::string attribute_text(const std::string& name) const;
  std::vector<std::string> groups() const;           ///< paths, sorted
  const std::vector<DatasetInfo>& datasets() const;  ///< sorted by path
  bool has(const std::string& path) const;
  const DatasetInfo& dataset(const std::string& path) const;  ///< throws FileError with the nearest name

  /// All values, last axis fastest, converted to T. Throws FileError if absent, text, or fractional read as
  /// integer.
  template <class T>
  std::vector<T> read(const std::string& path) const {
    std::vector<T> values(dataset(path).count());
    read_rows(path, 0, rows_of(path), element_type_of<T>(), values.data());
    return values;
  }
  /// The single value of a scalar.
  template <class T>
  T scalar(const std::string& path) const {
    require_scalar(path);
    return read<T>(path)[0];
  }
  /// All strings of a text dataset.
  std::vector<std::string> read_text(const std::string& path) const;
  /// `count` rows of the slowest axis from `first`, converted to `memory`; a scalar has one row.
  void read_rows(const std::string& path, std::uint64_t first, std::uint64_t count, ElementType memory,
                 void* out) const;
  /// Length of the slowest axis; 1 for a scalar.
  std::uint64_t rows_of(const std::string& path) const;

 private:
  class Impl;
  void require_scalar(const std::string& path) const;
  std::unique_ptr<Impl> impl_;
};

}  // namespace swarm::io
