#pragma once
#include <memory>
#include <string>
#include <vector>

#include "agents/nn/numerics.hpp"
#include "bench/networks/contest.hpp"
#include "bench/networks/problem.hpp"

/// The contestants: this program's kernels and its peers, each written as somebody who knows that library
/// would.
namespace swarm {
namespace bench {

/// nn::infer_groups, one group per model: what the engine calls.
std::unique_ptr<Contestant> make_swarm(const Problem& problem, int threads = 1, const nn::Numerics& numerics = {});

// Eigen is built twice, in libraries of their own: for AVX2 and for AVX-512.
std::unique_ptr<Contestant> make_eigen_avx2(const Problem& problem);
std::unique_ptr<Contestant> make_eigen_avx512(const Problem& problem);

/// Kernels generated at run time for each layer's shape; bias and ReLU in one pass behind them. `prefetch`
/// asks for the weights of the next model while those of this one are in use.
std::unique_ptr<Contestant> make_libxsmm(const Problem& problem, bool prefetch);
/// Inner products with bias and ReLU fused, created once per shape, weights in the order that the library
/// prefers.
std::unique_ptr<Contestant> make_onednn(const Problem& problem);
/// The same in bf16 throughout.
std::unique_ptr<Contestant> make_onednn_bf16(const Problem& problem);
/// sgemm, or sgemv for a single sample; bias and ReLU in one pass behind it.
std::unique_ptr<Contestant> make_openblas(const Problem& problem);

/// Ours first, then every peer that this program was built with and this machine can run.
Contestants fp32_contestants(const Problem& problem);

/// The same for networks in bf16 throughout, outputs rounded to it layer by layer.
Contestants bf16_contestants(const Problem& problem);

/// What is known of a peer library.
struct Peer {
  std::string name;
  std::string version;  ///< with what it found on this machine where it tells; empty: not installed when this
                        ///< was built
};
std::vector<Peer> peers();

/// Settings that peers read before main() starts: one thread each, the instruction set of our kernels
/// (SWARMSIM_SIMD), which OpenBLAS would not find on processors that it is older than. Starts the program
/// again where they are missing.
void settle_environment(char** arguments);

}  // namespace bench
}  // namespace swarm
