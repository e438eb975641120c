#include "sim/io/container.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/core/errors.hpp"
#include "sim/core/hash.hpp"
#include "sim/io/file_safety.hpp"
#include "sim/io/hdf5_handle.hpp"

namespace swarm::io {
namespace {

constexpr std::string_view kMagic = "SWCONT01";
constexpr std::string_view kMagicStem = "SWCONT";
constexpr std::size_t kHashBytes = 16;

struct EntryHeader {
  std::uint32_t code;
  std::uint32_t name_bytes;
  std::uint64_t data_bytes;
};

std::size_t padded(std::size_t bytes) {
  return (bytes + 7) / 8 * 8;
}

/// Writes and hashes at once; small pieces are gathered.
class HashingFile {
 public:
  explicit HashingFile(const std::filesystem::path& file) : file_(file) {
    descriptor_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) throw_file_error(file_, "cannot create the file", std::strerror(errno));
  }
  ~HashingFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  HashingFile(const HashingFile&) = delete;
  HashingFile& operator=(const HashingFile&) = delete;

  void put(const void* data, std::size_t size) {
    if (size == 0) return;
    hasher_.bytes(data, size);
    store(data, size);
  }
  void put_padded(const void* data, std::size_t size) {
    constexpr char kZeros[8] = {};
    put(data, size);
    put(kZeros, padded(size) - size);
  }
  void close() {
    const Hash128 hash = hasher_.result();
    store(&hash.high, 8);
    store(&hash.low, 8);
    drain();
    if (::close(std::exchange(descriptor_, -1)) != 0)
      throw_file_error(file_, "cannot write the file", std::strerror(errno));
  }

 private:
  void store(const void* data, std::size_t size) {
    constexpr std::size_t kGather = std::size_t{1} << 16;
    if (buffer_.size() + size > kGather) drain();
    if (size > kGather)
      write_all(static_cast<const char*>(data), size);
    else
      buffer_.append(static_cast<const char*>(data), size);
  }
  void drain() {
    write_all(buffer_.data(), buffer_.size());
    buffer_.clear();
  }
  void write_all(const char* data, std::size_t size) {
    while (size > 0) {
      const ssize_t written = ::write(descriptor_, data, std::min(size, std::size_t{1} << 30));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw_file_error(file_, "cannot write the file", std::strerror(errno));
      data += written;
      size -= static_cast<std::size_t>(written);
    }
  }
  const std::filesystem::path& file_;
  int descriptor_ = -1;
  Hasher hasher_;
  std::string buffer_;
};

/// Reads the file into 8-byte words; returns its size in bytes.
std::size_t read_all(const std::filesystem::path& file, std::vector<std::uint64_t>& block) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw_file_error(file, "cannot open the checkpoint", std::strerror(errno));
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  std::size_t have = 0;
  ssize_t got = error ? -1 : 1;
  if (!error) {
    block.assign(padded(size) / 8, 0);
    char* const to = static_cast<char*>(static_cast<void*>(block.data()));
    while (have < size && got > 0) {
      got = ::read(descriptor, to + have, std::min<std::size_t>(size - have, std::size_t{1} << 30));
      if (got < 0 && errno == EINTR)
        got = 1;
      else if (got > 0)
        have += static_cast<std::size_t>(got);
    }
  }
  const int reason = errno;
  ::close(descriptor);
  if (got < 0)
    throw_file_error(file, "cannot read the checkpoint", error ? error.message() : std::strerror(reason));
  return have;
}

[[noreturn]] void damaged(const std::filesystem::path& file, const char* why) {
  throw FileError(Diagnostic{.file = file.string(),
                             .problem = "the checkpoint is damaged or truncated",
                             .why = why,
                             .suggestion = "Delete it; the run then starts from step 0."});
}

}  // namespace

void ContainerWriter::check_new(const std::string& name) const {
  for (const Entry& entry : entries_)
    if (entry.name == name) throw ModelError("container: the name '" + name + "' is used twice");
}

void ContainerWriter::add_entry(std::string name, std::uint32_t code, std::span<const std::byte> data) {
  check_new(name);
  entries_.push_back({std::move(name), code, data, {}, false});
}

void ContainerWriter::add_owned(std::string name, std::uint32_t code, std::string_view bytes) {
  check_new(name);
  entries_.push_back({std::move(name), code, {}, std::string(bytes), true});
}

void ContainerWriter::write(const std::filesystem::path& file) const {
  std::filesystem::path name = file;
  name += ".tmp";
  TemporaryFile temporary(name);
  HashingFile out(temporary.path());
  out.put(kMagic.data(), kMagic.size());
  const std::uint64_t count = entries_.size();
  out.put(&count, sizeof count);
  for (const Entry& entry : entries_) {
    const auto data = entry.is_owned ? std::as_bytes(std::span(entry.owned)) : entry.data;
    const EntryHeader header{entry.code, static_cast<std::uint32_t>(entry.name.size()), data.size()};
    out.put(&header, sizeof header);
    out.put_padded(entry.name.data(), entry.name.size());
    out.put_padded(data.data(), data.size());
  }
  out.close();
  temporary.move_to(file);
}

ContainerReader ContainerReader::read(const std::filesystem::path& file) {
  ContainerReader reader;
  reader.file_ = file;
  const std::size_t size = read_all(file, reader.block_);
  const auto* bytes = static_cast<const char*>(static_cast<const void*>(reader.block_.data()));
  const std::string_view start(bytes, std::min(size, kMagic.size()));
  if (!start.starts_with(kMagicStem))
    throw FileError(Diagnostic{.file = file.string(),
                               .problem = size == 0 ? "the file is empty" : "is not a checkpoint of swarmsim",
                               .why = "it does not begin with " + std::string(kMagicStem),
                               .suggestion = ""});
  if (start != kMagic && start.size() == kMagic.size())
    throw FileError(
        Diagnostic{.file = file.string(),
                   .problem = "the checkpoint has another format",
                   .why = "it says " + std::string(start) + ", this program reads " + std::string(kMagic),
                   .suggestion = "Resume with the version of swarmsim that wrote it."});
  if (size < kMagic.size() + 8 + kHashBytes || size % 8 != 0) damaged(file, "the file is too short");
  const Hash128 hash = hash128(bytes, size - kHashBytes);
  const std::size_t last = size / 8;
  if (reader.block_[last - 2] != hash.high || reader.block_[last - 1] != hash.low)
    damaged(file, "its checksum does not match");
  reader.parse(size - kHashBytes);
  return reader;
}

void ContainerReader::parse(std::size_t size) {
  const auto all = std::as_bytes(std::span(block_)).first(size);
  std::size_t at = kMagic.size() + 8;
  for (std::uint64_t k = 0; k < block_[1]; ++k) {
    EntryHeader header{};
    if (size - at < sizeof header) damaged(file_, "an entry is cut");
    std::memcpy(&header, all.data() + at, sizeof header);
    at += sizeof header;
    const std::size_t left = size - at;
    if (padded(header.name_bytes) > left || header.data_bytes > left - padded(header.name_bytes))
      damaged(file_, "an entry is cut");
    std::string name(header.name_bytes, '\0');
    std::memcpy(name.data(), all.data() + at, name.size());
    at += padded(name.size());
    entries_[std::move(name)] = {header.code, all.subspan(at, header.data_bytes)};
    at += padded(header.data_bytes);
    if (at > size) damaged(file_, "an entry is cut");
  }
  if (at != size) damaged(file_, "there are bytes after the last entry");
}

std::span<const std::byte> ContainerReader::find(const std::string& name, std::uint32_t code) const {
  const auto entry = entries_.find(name);
  const bool absent = entry == entries_.end();
  if (absent || entry->second.code != code)
    throw FileError(Diagnostic{
        .file = file_.string(),
        .problem = "the checkpoint has no entry '" + name + "'" + (absent ? "" : " of the type asked for"),
        .why = "it was written by another version of swarmsim",
        .suggestion = "Resume with that version, or delete the checkpoint."});
  return entry->second.data;
}

void ContainerReader::require_one(const std::string& name, std::size_t count) const {
  if (count == 1) return;
  throw FileError(
      Diagnostic{.file = file_.string(),
                 .problem = fmt::format("the entry '{}' has {} values, one is needed", name, count),
                 .why = "it was written by another version of swarmsim",
                 .suggestion = "Resume with that version, or delete the checkpoint."});
}

std::string ContainerReader::text(const std::string& name) const {
  const auto bytes = find(name, kTextCode);
  std::string value(bytes.size(), '\0');
  std::memcpy(value.data(), bytes.data(), bytes.size());
  return value;
}

std::vector<std::string> ContainerReader::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

}  // namespace swarm::io
