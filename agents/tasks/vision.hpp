#pragma once
#include <array>
#include <cstdint>

/// The ten glyphs of the vision task.
namespace swarm {
namespace tasks {

inline constexpr std::uint32_t kPage = 8;  ///< side of the page [pixels]

/// A glyph with a border of one empty cell all round, so that interpolation needs no case for the edge.
struct Glyph {
  std::array<std::array<float, kPage + 2>, kPage + 2> cell{};
  constexpr Glyph() = default;
  /// 64 characters, row by row; '#' is ink.
  constexpr explicit Glyph(const char (&drawing)[kPage * kPage + 1]) {
    for (std::uint32_t row = 0; row < kPage; ++row)
      for (std::uint32_t column = 0; column < kPage; ++column)
        cell[row + 1][column + 1] = drawing[row * kPage + column] == '#' ? 1.0f : 0.0f;
  }
};

// clang-format off
inline constexpr std::array<Glyph, 10> kGlyphs{
    Glyph{  // ring
        "........"
        "..####.."
        ".#....#."
        ".#....#."
        ".#....#."
        ".#....#."
        "..####.."
        "........"},
    Glyph{  // bar
        "...##..."
        "...##..."
        "...##..."
        "...##..."
        "...##..."
        "...##..."
        "...##..."
        "........"},
    Glyph{  // zed
        "........"
        ".######."
        ".....#.."
        "....#..."
        "...#...."
        "..#....."
        ".######."
        "........"},
    Glyph{  // tee
        "........"
        ".######."
        "...##..."
        "...##..."
        "...##..."
        "...##..."
        "...##..."
        "........"},
    Glyph{  // cup
        "........"
        ".#....#."
        ".#....#."
        ".#....#."
        ".#....#."
        ".#....#."
        ".######."
        "........"},
    Glyph{  // comb
        "........"
        ".######."
        ".#......"
        ".####..."
        ".#......"
        ".#......"
        ".######."
        "........"},
    Glyph{  // corner
        "........"
        ".#......"
        ".#......"
        ".#......"
        ".#......"
        ".#......"
        ".######."
        "........"},
    Glyph{  // ladder
        "........"
        ".#....#."
        ".#....#."
        ".######."
        ".#....#."
        ".#....#."
        ".#....#."
        "........"},
    Glyph{  // cross
        "........"
        ".#....#."
        "..#..#.."
        "...##..."
        "...##..."
        "..#..#.."
        ".#....#."
        "........"},
    Glyph{  // delta
        "........"
        "...##..."
        "...##..."
        "..####.."
        "..####.."
        ".######."
        ".######."
        "........"},
};
// clang-format on

}  // namespace tasks
}  // namespace swarm
