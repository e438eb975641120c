#include "bench/networks/peers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <Eigen/Core>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "agents/nn/isa.hpp"
#if SWARM_LIBXSMM
#include <libxsmm.h>
#endif
#if SWARM_ONEDNN
#include <oneapi/dnnl/dnnl.hpp>
#endif
#if SWARM_OPENBLAS
#include <cblas.h>
#endif

namespace swarm {
namespace bench {

Contestants fp32_contestants(const Problem& problem) {
  Contestants all;
  all.push_back(make_swarm(problem));
  all.push_back(make_eigen_avx2(problem));
  if (nn::active_isa() == nn::Isa::avx512) all.push_back(make_eigen_avx512(problem));
#if SWARM_LIBXSMM
  all.push_back(make_libxsmm(problem, false));
  all.push_back(make_libxsmm(problem, true));
#endif
#if SWARM_ONEDNN
  all.push_back(make_onednn(problem));
#endif
#if SWARM_OPENBLAS
  all.push_back(make_openblas(problem));
#endif
  return all;
}

Contestants bf16_contestants(const Problem& problem) {
  Contestants all;
  all.push_back(make_swarm(problem, 1, {nn::Format::bf16_dot}));
#if SWARM_ONEDNN
  all.push_back(make_onednn_bf16(problem));
#endif
  return all;
}

std::vector<Peer> peers() {
  std::vector<Peer> all{
      {"Eigen", fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)},
      {"libxsmm", ""},
      {"oneDNN", ""},
      {"OpenBLAS", ""}};
#if SWARM_LIBXSMM
  libxsmm_init();
  all[1].version = fmt::format("{} ({})", LIBXSMM_VERSION, libxsmm_get_target_arch());
#endif
#if SWARM_ONEDNN
  const dnnl_version_t* onednn = dnnl_version();
  all[2].version = fmt::format("{}.{}.{}", onednn->major, onednn->minor, onednn->patch);
#endif
#if SWARM_OPENBLAS
  const std::string_view text = OPENBLAS_VERSION;  // " OpenBLAS 0.3.21 "
  const std::size_t from = text.find_first_of("0123456789"), to = text.find_last_not_of(' ');
  all[3].version = fmt::format("{} ({})", text.substr(from, to + 1 - from), openblas_get_corename());
#endif
  return all;
}

void settle_environment(char** arguments) {
  constexpr const char* kSettled = "SWARM_BENCH_SETTLED";
  if (std::getenv(kSettled) != nullptr) return;
  for (const char* threads : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}) setenv(threads, "1", 1);
  unsetenv("OPENBLAS_L2_SIZE");
  const bool wide = nn::active_isa() == nn::Isa::avx512;
  setenv("OPENBLAS_CORETYPE", wide ? "SkylakeX" : "Haswell", 1);
  if (!wide) {
    setenv("LIBXSMM_TARGET", "hsw", 1);
    setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1);
  }
  setenv(kSettled, "1", 1);
  execv("/proc/self/exe", arguments);
  throw std::runtime_error("cannot start again with the settings that peers need");
}

}  // namespace bench
}  // namespace swarm
