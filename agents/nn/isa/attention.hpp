#pragma once
#include <cstddef>
#include <cstdint>

/// The sums of attention for one head of one sample. Rows are tokens; a head's numbers are `depth` neighbours
/// of each row. Kernels may read, but do not use, up to 15 floats after a row's last.
namespace swarm {
namespace nn {
namespace isa {

/// y[i][j] = scale·(Σ_d q[i][d]·keys[d][j]): from zero one fused multiply-add per d, ascending, then one
/// product.
struct Scores {
  const float* q;        ///< queries × depth
  std::size_t q_stride;  ///< floats from row to row, here and below
  const float* keys;     ///< depth × width
  float* y;              ///< queries × width
  std::size_t stride;    ///< of keys and y
  std::size_t queries;
  std::size_t depth;
  std::size_t width;  ///< number of keys, padded to a multiple of 16
  float scale;
};

/// y[i][c] = Σ_j weights[i][j]·v[j][c] over the keys j that query i may see, ascending, from zero: all of
/// them, or those up to i if causal.
struct Mix {
  const float* weights;  ///< queries × keys
  std::size_t weight_stride;
  const float* v;  ///< keys × depth
  std::size_t v_stride;
  float* y;  ///< queries × depth
  std::size_t y_stride;
  std::size_t queries;
  std::size_t keys;
  std::size_t depth;
  bool causal;
};

/// y[c] = Σ_m weights[kept[m]]·v[kept[m]][c], m ascending, from zero: one query and the keys it has kept.
struct MixKept {
  const float* weights;
  const std::uint32_t* kept;
  std::size_t count;
  const float* v;  ///< keys × depth
  std::size_t v_stride;
  float* y;  ///< depth
  std::size_t depth;
};

/// y[j][c] = Σ_i weights[i][j]·v[i][c] over all queries i, ascending, from zero.
struct MixAcross {
  const float* weights;  ///< queries × keys
  std::size_t weight_stride;
  const float* v;  ///< queries × depth
  std::size_t v_stride;
  float* y;  ///< keys × depth
  std::size_t y_stride;
  std::size_t queries;
  std::size_t keys;
  std::size_t depth;
};

/// to[c][r] = from[r][c] for r < rows, c < columns; 0 for rows ≤ r < width.
struct TransposeRows {
  const float* from;
  std::size_t from_stride;
  float* to;  ///< columns × width
  std::size_t rows;
  std::size_t columns;
  std::size_t width;  ///< padded number of rows, a multiple of 16
};

struct AttentionKernels {
  void (*scores)(const Scores& job);
  void (*mix)(const Mix& job);
  void (*mix_kept)(const MixKept& job);
  void (*mix_across)(const MixAcross& job);
  void (*transpose)(const TransposeRows& job);
};

}  // namespace isa
}  // namespace nn
}  // namespace swarm
