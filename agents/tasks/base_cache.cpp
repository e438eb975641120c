#include "agents/tasks/base_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

namespace swarm {
namespace tasks {
namespace {

static_assert(std::endian::native == std::endian::little, "cache files are little-endian");

constexpr std::uint64_t kMagic = 0x31304C444D575753ull;  // "SWWMDL01"

/// What precedes the parameters in a file; their checksum (a Hash128 of all before it) follows them.
struct Header {
  std::uint64_t magic;
  std::uint64_t key_high, key_low;
  std::uint64_t parameters;
  double test_accuracy;
};
static_assert(sizeof(Header) == 40 && sizeof(Hash128) == 16);

std::size_t file_size_of(std::size_t parameters) {
  return sizeof(Header) + parameters * sizeof(float) + sizeof(Hash128);
}

using Bytes = std::vector<unsigned char>;

/// The file's bytes if there are exactly `size`, else nothing.
std::optional<Bytes> read_exactly(const std::filesystem::path& path, std::size_t size) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return std::nullopt;
  Bytes bytes(size + 1);  // one more, to notice a file that is too long
  const std::size_t got = std::fread(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  if (got != size) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

bool write_all(int descriptor, const Bytes& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

std::filesystem::path cache_file(const std::filesystem::path& cache_dir, const Hash128& key) {
  return cache_dir / ("base-" + key.hex() + ".bin");
}

std::optional<TrainedWeights> read_cache(const std::filesystem::path& cache_dir, const Hash128& key,
                                         std::size_t parameters) {
  const auto bytes = read_exactly(cache_file(cache_dir, key), file_size_of(parameters));
  if (!bytes) return std::nullopt;
  const std::size_t body = bytes->size() - sizeof(Hash128);
  Hash128 checksum;
  std::memcpy(&checksum, bytes->data() + body, sizeof checksum);
  if (hash128(bytes->data(), body) != checksum) return std::nullopt;
  Header header;
  std::memcpy(&header, bytes->data(), sizeof header);
  if (header.magic != kMagic || header.key_high != key.high || header.key_low != key.low ||
      header.parameters != parameters)
    return std::nullopt;
  TrainedWeights weights{std::vector<float>(parameters), header.test_accuracy};
  std::memcpy(weights.parameters.data(), bytes->data() + sizeof header, parameters * sizeof(float));
  return weights;
}

bool write_cache(const std::filesystem::path& cache_dir, const Hash128& key, const TrainedWeights& weights) {
  const std::size_t size = weights.parameters.size() * sizeof(float);
  const Header header{kMagic, key.high, key.low, weights.parameters.size(), weights.test_accuracy};
  Bytes bytes(file_size_of(weights.parameters.size()));
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, weights.parameters.data(), size);
  const std::size_t body = sizeof header + size;
  const Hash128 checksum = hash128(bytes.data(), body);
  std::memcpy(bytes.data() + body, &checksum, sizeof checksum);

  std::error_code error;
  std::filesystem::create_directories(cache_dir, error);
  const std::filesystem::path target = cache_file(cache_dir, key);
  std::string temporary = target.string() + ".XXXXXX";
  const int descriptor = ::mkstemp(temporary.data());  // a name of its own, also on a shared file system
  if (descriptor < 0) return false;
  bool good = write_all(descriptor, bytes);
  good = ::fchmod(descriptor, 0644) == 0 && good;
  good = ::close(descriptor) == 0 && good;
  good = good && ::rename(temporary.c_str(), target.c_str()) == 0;
  if (!good) ::unlink(temporary.c_str());
  return good;
}

}  // namespace tasks
}  // namespace swarm
