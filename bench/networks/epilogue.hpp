#pragma once
#include <immintrin.h>

#include <algorithm>
#include <cstddef>

#include "agents/nn/isa.hpp"

/// What follows a bare matrix product in peers that cannot fuse it.
namespace swarm {
namespace bench {

__attribute__((target("avx512f"))) inline void add_bias_avx512(float* y, std::size_t rows,
                                                               std::size_t columns, std::size_t stride,
                                                               const float* bias, bool relu) {
  const __m512 least = relu ? _mm512_setzero_ps() : _mm512_set1_ps(-__builtin_inff());
  for (std::size_t r = 0; r < rows; ++r, y += stride)
    for (std::size_t c = 0; c < columns; c += 16) {
      const __mmask16 mask =
          columns - c >= 16 ? 0xFFFF
                            : static_cast<__mmask16>(_bzhi_u32(0xFFFF, static_cast<unsigned>(columns - c)));
      const __m512 sum =
          _mm512_add_ps(_mm512_maskz_loadu_ps(mask, y + c), _mm512_maskz_loadu_ps(mask, bias + c));
      _mm512_mask_storeu_ps(y + c, mask, _mm512_maskz_max_ps(mask, sum, least));
    }
}

inline void add_bias_plain(float* __restrict y, std::size_t rows, std::size_t columns, std::size_t stride,
                           const float* __restrict bias, bool relu) {
  const float least = relu ? 0.0f : -__builtin_inff();
  for (std::size_t r = 0; r < rows; ++r, y += stride)
    for (std::size_t c = 0; c < columns; ++c) y[c] = std::max(y[c] + bias[c], least);
}

/// y[r][c] = f(y[r][c] + bias[c]), f being ReLU or nothing.
inline void add_bias(float* y, std::size_t rows, std::size_t columns, std::size_t stride, const float* bias,
                     bool relu) {
  if (nn::active_isa() == nn::Isa::avx512)
    add_bias_avx512(y, rows, columns, stride, bias, relu);
  else
    add_bias_plain(y, rows, columns, stride, bias, relu);
}

}  // namespace bench
}  // namespace swarm
