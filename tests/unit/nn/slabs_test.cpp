#include "agents/nn/slabs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

#include "agents/nn/model.hpp"

namespace swarm::nn {
namespace {

struct Piece {
  unsigned char* at;
  std::size_t bytes;
  unsigned char mark;
};

bool untouched(const Piece& piece) {
  return std::all_of(piece.at, piece.at + piece.bytes, [&](unsigned char c) { return c == piece.mark; });
}

/// Allocates and frees pieces of several sizes in a fixed disorder; false if one is misaligned or was written through
/// another.
template <class Allocate, class Free>
bool pieces_are_apart(const Allocate& allocate, const Free& free) {
  bool right = true;
  std::vector<Piece> live;
  std::uint32_t state = 1;
  const auto next = [&](std::uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
  };
  const std::size_t sizes[] = {4, 64, 100, 1664, 70'000, 131'072, 200'000};
  for (int round = 0; round < 3000; ++round) {
    if (!live.empty() && next(5) < 2) {
      const std::size_t i = next(static_cast<std::uint32_t>(live.size()));
      right &= untouched(live[i]);
      free(live[i].at, live[i].bytes);
      live[i] = live.back();
      live.pop_back();
    } else {
      const std::size_t bytes = sizes[next(round % 20 == 0 ? 7 : 4)];
      Piece piece{static_cast<unsigned char*>(allocate(bytes)), bytes, static_cast<unsigned char>(next(256))};
      right &= reinterpret_cast<std::uintptr_t>(piece.at) % 64 == 0;
      std::fill_n(piece.at, bytes, piece.mark);
      live.push_back(piece);
    }
  }
  for (const Piece& piece : live) {
    right &= untouched(piece);
    free(piece.at, piece.bytes);
  }
  return right;
}

TEST(Slabs, PiecesAreAlignedAndApart) {
  EXPECT_TRUE(pieces_are_apart(slab_allocate, slab_free));
}

TEST(Slabs, TheCheckCatchesPiecesThatOverlap) {
  std::vector<unsigned char> memory(64u << 20);
  std::size_t used = 64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64;
  const auto allocate = [&](std::size_t bytes) {
    unsigned char* const at = memory.data() + used;
    used += bytes / 64 * 64;  // whole lines, but rounded down
    return at;
  };
  EXPECT_FALSE(pieces_are_apart(allocate, [](void*, std::size_t) {}));
}

TEST(Slabs, AnyThreadMayAskAndGiveBack) {
  std::vector<std::thread> threads;
  std::vector<int> right(4);
  for (int& r : right) threads.emplace_back([&r] { r = pieces_are_apart(slab_allocate, slab_free) ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(4, 1));
}

TEST(Slabs, ModelsMadeInARowLieSideBySide) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "where the sanitizer watches, pieces stand alone";
#endif
  const std::vector<Model> models(2000, Model(MlpShape{{8, 16, 4}}));
  const std::ptrdiff_t floats = static_cast<std::ptrdiff_t>(models.front().data().size());
  std::size_t neighbours = 0;
  for (std::size_t m = 1; m < models.size(); ++m)
    neighbours += models[m].data().data() - models[m - 1].data().data() == floats ? 1 : 0;
  EXPECT_GE(neighbours, models.size() - 30);  // slabs double up to a large page: some ten, and a few gaps of others
}

}  // namespace
}  // namespace swarm::nn
