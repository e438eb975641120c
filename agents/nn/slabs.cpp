#include "agents/nn/slabs.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <utility>
#include <vector>

namespace swarm {
namespace nn {
namespace {

constexpr std::size_t kLine = 64;
/// A large page of the processors that this is for, and the largest slab.
constexpr std::size_t kHugePage = std::size_t{2} << 20;
/// Larger pieces stand alone: what is left at the end of a slab would be too much. So do all where a sanitizer watches
/// what lies between pieces.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kLargestPiece = 0;
#else
constexpr std::size_t kLargestPiece = kHugePage / 16;
#endif

/// Pieces of one size in one run of memory.
struct Slab {
  std::size_t pieces, bytes;
  bool huge;
  std::size_t begun = 0;  ///< pieces that were ever given out
  std::size_t live = 0;
  std::vector<std::byte*> returned;  ///< given out and back

  std::align_val_t alignment() const { return std::align_val_t{huge ? kHugePage : kLine}; }
};

/// A slab is as large as all others of its size together, from one piece up to a large page: who has few models pays
/// for few.
class Slabs {
 public:
  void* allocate(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    Size& size = sizes_[bytes];
    if (size.with_room.empty()) grow(size, bytes);
    std::byte* const start = *size.with_room.begin();
    Slab& slab = slabs_.at(start);
    std::byte* piece = start + bytes * slab.begun;
    if (slab.returned.empty()) {
      ++slab.begun;
    } else {
      piece = slab.returned.back();
      slab.returned.pop_back();
    }
    if (++slab.live == slab.pieces) size.with_room.erase(start);
    return piece;
  }

  void free(std::byte* piece, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto found = std::prev(slabs_.upper_bound(piece));
    Slab& slab = found->second;
    Size& size = sizes_.at(bytes);
    if (--slab.live > 0) {
      slab.returned.push_back(piece);
      size.with_room.insert(found->first);
      return;
    }
    size.with_room.erase(found->first);
    size.bytes -= slab.bytes;
    ::operator delete(found->first, slab.alignment());
    slabs_.erase(found);
  }

 private:
  struct Size {
    std::set<std::byte*> with_room;  ///< slabs, the lowest first
    std::size_t bytes = 0;           ///< of all slabs
  };

  void grow(Size& size, std::size_t bytes) {
    const std::size_t most = kHugePage / bytes;
    Slab slab{};
    slab.pieces = std::clamp(size.bytes / bytes, std::size_t{1}, most);
    slab.huge = slab.pieces == most;
    slab.bytes = slab.huge ? kHugePage : slab.pieces * bytes;
    auto* const start = static_cast<std::byte*>(::operator new(slab.bytes, slab.alignment()));
    if (slab.huge) madvise(start, slab.bytes, MADV_HUGEPAGE);  // a wish: without it all works as well, but slower
    size.bytes += slab.bytes;
    size.with_room.insert(start);
    slabs_.emplace(start, std::move(slab));
  }

  std::mutex mutex_;
  std::map<std::byte*, Slab> slabs_;   // by where they begin
  std::map<std::size_t, Size> sizes_;  // by bytes of a piece
};

/// Outlives all models.
Slabs& slabs() {
  static Slabs* const instance = new Slabs;
  return *instance;
}

std::size_t whole_lines(std::size_t bytes) {
  return (bytes + kLine - 1) / kLine * kLine;
}

}  // namespace

void* slab_allocate(std::size_t bytes) {
  const std::size_t size = whole_lines(bytes);
  if (size > kLargestPiece) return ::operator new(size, std::align_val_t{kLine});
  return slabs().allocate(size);
}

void slab_free(void* piece, std::size_t bytes) noexcept {
  const std::size_t size = whole_lines(bytes);
  if (size > kLargestPiece)
    ::operator delete(piece, std::align_val_t{kLine});
  else
    slabs().free(static_cast<std::byte*>(piece), size);
}

}  // namespace nn
}  // namespace swarm
