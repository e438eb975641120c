#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// The file format of a checkpoint: a named set of typed one-dimensional arrays and texts in one flat file
/// with a checksum. Written to a temporary, synchronised, renamed: the old file or the new one exists, never
/// half.
///
/// Layout (little-endian): "SWCONT01", u64 entries, then per entry u32 type code, u32 name length, u64 bytes,
/// name and data, each padded to 8 bytes; at the end 16 bytes of XXH3-128 over everything before.
namespace swarm::io {

template <class T>
concept ContainerElement = (std::is_arithmetic_v<T> && !std::same_as<T, bool> &&
                            !std::same_as<T, long double>);

/// Kind (f, i, u) in the high bits, size in the low ones; texts have their own.
template <ContainerElement T>
constexpr std::uint32_t container_code() {
  const std::uint32_t kind = std::is_floating_point_v<T> ? 0x100u : std::is_signed_v<T> ? 0x200u : 0x300u;
  return kind | static_cast<std::uint32_t>(sizeof(T));
}
inline constexpr std::uint32_t kTextCode = 0x400u;

class ContainerWriter {
 public:
  /// Refers to the values, which must live until `write`. A name may be used once (ModelError).
  template <ContainerElement T>
  void add(std::string name, std::span<const T> values) {
    add_entry(std::move(name), container_code<T>(), std::as_bytes(values));
  }
  template <ContainerElement T>
  void add(std::string name, const std::vector<T>& values) {
    add(std::move(name), std::span<const T>(values));
  }
  template <ContainerElement T>
  void add(std::string name, std::vector<T>&&) = delete;
  /// The same for values of a type known only by its code.
  void add_bytes(std::string name, std::uint32_t code, std::span<const std::byte> values) {
    add_entry(std::move(name), code, values);
  }
  /// Copies the value.
  template <ContainerElement T>
  void add(std::string name, T value) {
    add_owned(std::move(name), container_code<T>(), {reinterpret_cast<const char*>(&value), sizeof value});
  }
  /// Copies the text.
  void add(std::string name, std::string_view text) { add_owned(std::move(name), kTextCode, text); }
  void add(std::string name, const char* text) { add(std::move(name), std::string_view(text)); }
  void add(std::string name, const std::string& text) { add(std::move(name), std::string_view(text)); }

  /// Replaces `file` by what was added. Throws FileError; then an earlier file of that name is untouched.
  void write(const std::filesystem::path& file) const;

 private:
  struct Entry {
    std::string name;
    std::uint32_t code;
    std::span<const std::byte> data;
    std::string owned;
    bool is_owned;
  };
  void add_entry(std::string name, std::uint32_t code, std::span<const std::byte> data);
  void add_owned(std::string name, std::uint32_t code, std::string_view bytes);
  void check_new(const std::string& name) const;
  std::vector<Entry> entries_;
};

class ContainerReader {
 public:
  /// Reads and verifies the whole file. Throws FileError: absent, foreign, newer format, truncated, damaged.
  static ContainerReader read(const std::filesystem::path& file);

  bool has(const std::string& name) const { return entries_.contains(name); }
  /// The values in place; valid while the reader lives. Throws FileError if absent or of another type.
  template <ContainerElement T>
  std::span<const T> view(const std::string& name) const {
    const auto bytes = find(name, container_code<T>());
    // Entries start on 8-byte boundaries of an 8-byte aligned block, so they are aligned for every T.
    return {static_cast<const T*>(static_cast<const void*>(bytes.data())), bytes.size() / sizeof(T)};
  }
  template <ContainerElement T>
  std::vector<T> get(const std::string& name) const {
    const auto values = view<T>(name);
    return {values.begin(), values.end()};
  }
  /// A single value. Throws FileError if there is not exactly one.
  template <ContainerElement T>
  T value(const std::string& name) const {
    const auto values = view<T>(name);
    require_one(name, values.size());
    return values[0];
  }
  std::string text(const std::string& name) const;
  std::vector<std::string> names() const;  ///< sorted

 private:
  struct Entry {
    std::uint32_t code;
    std::span<const std::byte> data;
  };
  std::span<const std::byte> find(const std::string& name, std::uint32_t code) const;
  void require_one(const std::string& name, std::size_t count) const;
  void parse(std::size_t size);
  std::filesystem::path file_;
  std::vector<std::uint64_t> block_;
  std::map<std::string, Entry> entries_;
};

}  // namespace swarm::io
