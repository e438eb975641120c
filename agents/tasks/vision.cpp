#include "agents/tasks/vision.hpp"

#include <algorithm>
#include <array>

#include "agents/tasks/encoding.hpp"
#include "agents/tasks/generators.hpp"

namespace swarm {
namespace tasks {
namespace {

constexpr Range kTurn{0.08, 0.36};     // largest |tan(θ/2)| of the rotation: 9° … 40°
constexpr Range kShift{0.3, 1.4};      // largest displacement along each axis [pixels]
constexpr Range kNoise{0.06, 0.25};    // standard deviation of a pixel, full scale = 1
constexpr Range kOcclusion{0.0, 0.6};  // chance that a patch is covered
constexpr std::uint32_t kPatch = 3;    // its side [pixels]

/// Brightness of a glyph at a point of its own page (bilinear; 0 outside).
double sample(const Glyph& glyph, double row, double column) {
  // Shifted by one so that truncation is floor; the glyph table has a border of one empty cell all round.
  const double r = std::clamp(row + 1.0, 0.0, 8.999), c = std::clamp(column + 1.0, 0.0, 8.999);
  const auto i = static_cast<std::uint32_t>(r), j = static_cast<std::uint32_t>(c);
  const double v = r - i, u = c - j;
  const double upper = glyph.cell[i][j] * (1.0 - u) + glyph.cell[i][j + 1] * u;
  const double lower = glyph.cell[i + 1][j] * (1.0 - u) + glyph.cell[i + 1][j + 1] * u;
  return upper * (1.0 - v) + lower * v;
}

}  // namespace

std::uint8_t make_vision(const Style& style, double kappa, RandomSequence& random,
                         std::uint8_t out[kInputs]) {
  const std::uint32_t label = uniform_below(random.word(), kClasses);
  const Glyph& glyph = kGlyphs[label];
  // Rotation by θ from t = tan(θ/2): cos θ = (1 − t²)/(1 + t²), sin θ = 2t/(1 + t²).
  const double t = kTurn.at(kappa) * symmetric(random);
  const double cosine = (1.0 - t * t) / (1.0 + t * t), sine = 2.0 * t / (1.0 + t * t);
  const double down = kShift.at(kappa) * symmetric(random), right = kShift.at(kappa) * symmetric(random);
  const bool covered = uniform_open(random.word()) < kOcclusion.at(kappa);
  // An uncovered page has its patch beyond the last row and column.
  const std::uint32_t patch_row = covered ? uniform_below(random.word(), kPage - kPatch + 1) : kPage;
  const std::uint32_t patch_column = covered ? uniform_below(random.word(), kPage - kPatch + 1) : kPage;
  const double noise = kNoise.at(kappa);

  for (std::uint32_t row = 0; row < kPage; ++row)
    for (std::uint32_t column = 0; column < kPage; ++column) {
      const double y = row - 3.5 - down, x = column - 3.5 - right;
      const double upright = x + style.slant * y;  // undo the slant: rows above the middle lean right
      const double source_row = sine * upright + cosine * y + 3.5;
      const double source_column = cosine * upright - sine * y + 3.5;
      const bool hidden = row - patch_row < kPatch && column - patch_column < kPatch;
      const double stroke = hidden ? 0.0 : sample(glyph, source_row, source_column);
      const double page = style.background + style.gradient * (column - 3.5) / 7.0;
      out[row * kPage + column] =
          to_byte(page + (style.intensity - page) * stroke + noise * bell(random.word()));
    }
  return static_cast<std::uint8_t>(label);
}

}  // namespace tasks
}  // namespace swarm
