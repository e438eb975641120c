#include <benchmark/benchmark.h>
#include <fmt/core.h>
#include <hdf5/serial/hdf5.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/io/chunk_codec.hpp"
#include "sim/io/result_file.hpp"

/// What recording costs the simulation per row, and the chunk pipeline against HDF5's own deflate filter, the
/// peer, on the same values: float64 columns of the `/region` kind, a third each counts, smooth and noisy.
namespace {

using namespace swarm::io;

constexpr int kLevel = 4;
constexpr std::uint64_t kChunkRows = 256;
constexpr std::uint64_t kRegions = 40;
constexpr std::uint64_t kVariables = 30;
constexpr std::uint64_t kRows = 8192;
constexpr std::size_t kRowBytes = kRegions * kVariables * sizeof(double);

std::filesystem::path place() {
  return std::filesystem::temp_directory_path() / fmt::format("swarm_bench_{}.h5", getpid());
}

Group description() {
  Group group{"/region", {{"time"}, {"region", kRegions}}, {}, kChunkRows};
  for (std::uint64_t v = 0; v < kVariables; ++v)
    group.variables.push_back({fmt::format("v{}", v), ElementType::f64, {"time", "region"}, "1", "value"});
  return group;
}

/// One day of distinct rows, used again and again.
const std::vector<double>& rows() {
  static const std::vector<double> values = [] {
    std::vector<double> out;
    for (std::uint64_t t = 0; t < 288; ++t)
      for (std::uint64_t v = 0; v < kVariables; ++v)
        for (std::uint64_t r = 0; r < kRegions; ++r) {
          const double wave = 100 * std::sin(static_cast<double>(t) / 46 + static_cast<double>(r));
          const double noise = static_cast<double>((t * 40503 + v * 30011 + r * 2654435761U) % 65536) / 65536;
          out.push_back(v % 3 == 0 ? std::floor(wave) : wave * (v % 3 == 1 ? 1.0 : 1 + noise));
        }
    return out;
  }();
  return values;
}

std::span<const std::byte> row(std::uint64_t t) {
  return std::as_bytes(std::span(rows())).subspan(t % 288 * kRowBytes, kRowBytes);
}

void remove_files() {
  std::error_code ignored;
  std::filesystem::remove(place(), ignored);
  std::filesystem::remove(ResultFile::partial_name(place()), ignored);
}

/// Whole recording, finish included: bytes per second of wall time.
void pipeline(benchmark::State& state) {
  RecordingCost cost;
  for (auto _ : state) {
    ResultFile file = ResultFile::create(place(), {description()}, {}, "2022-01-03T00:00:00Z", kLevel);
    for (std::uint64_t t = 0; t < kRows; ++t) file.append(0, 300.0 * static_cast<double>(t), 1, row(t));
    file.finish({}, {});
    cost = file.cost();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kRows * kRowBytes));
  state.counters["ratio"] = static_cast<double>(cost.raw_bytes) / static_cast<double>(cost.stored_bytes);
  remove_files();
}
BENCHMARK(pipeline)->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMillisecond);

/// The same values through H5Dwrite, one chunk of rows per call, with the filters shuffle and deflate.
void builtin_deflate(benchmark::State& state) {
  std::vector<double> block(kChunkRows * kRegions);
  for (auto _ : state) {
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    const hid_t file = H5Fcreate(place().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access);
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk[2] = {kChunkRows, kRegions}, size[2] = {kRows, kRegions},
                  most[2] = {H5S_UNLIMITED, kRegions};
    H5Pset_chunk(properties, 2, chunk);
    H5Pset_shuffle(properties);
    H5Pset_deflate(properties, kLevel);
    const hid_t space = H5Screate_simple(2, size, most), memory = H5Screate_simple(2, chunk, nullptr);
    std::vector<hid_t> sets;
    for (std::uint64_t v = 0; v < kVariables; ++v)
      sets.push_back(H5Dcreate2(file, (fmt::format("v{}", v)).c_str(), H5T_IEEE_F64LE, space, H5P_DEFAULT,
                                properties, H5P_DEFAULT));
    for (std::uint64_t from = 0; from < kRows; from += kChunkRows)
      for (std::uint64_t v = 0; v < kVariables; ++v) {
        for (std::uint64_t t = 0; t < kChunkRows; ++t)
          std::memcpy(block.data() + t * kRegions, row(from + t).data() + v * kRegions * 8, kRegions * 8);
        const hsize_t start[2] = {from, 0};
        H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, chunk, nullptr);
        H5Dwrite(sets[v], H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, block.data());
      }
    for (const hid_t set : sets) H5Dclose(set);
    H5Sclose(space);
    H5Sclose(memory);
    H5Pclose(properties);
    H5Fclose(file);
    H5Pclose(access);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kRows * kRowBytes));
  remove_files();
}
BENCHMARK(builtin_deflate)->MeasureProcessCPUTime()->UseRealTime()->Unit(benchmark::kMillisecond);

/// Shuffle and deflate of one chunk on one thread.
void encode(benchmark::State& state) {
  std::vector<std::byte> raw, stored;
  for (std::uint64_t t = 0; t < kChunkRows; ++t) {
    const auto part = row(t).subspan(8 * kRegions, 8 * kRegions);
    raw.insert(raw.end(), part.begin(), part.end());
  }
  for (auto _ : state) {
    encode_chunk(raw, 8, static_cast<int>(state.range(0)), stored);
    benchmark::DoNotOptimize(stored.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * raw.size()));
  state.counters["ratio"] = static_cast<double>(raw.size()) / static_cast<double>(stored.size());
}
BENCHMARK(encode)->Arg(1)->Arg(4)->Arg(6)->Arg(9);

/// What one append costs the simulation: `range` regions by 30 variables, chunks handed over in the
/// background.
void append_row(benchmark::State& state) {
  const auto regions = static_cast<std::uint64_t>(state.range(0));
  Group group = description();
  group.axes[1].length = regions;
  ResultFile file = ResultFile::create(place(), {group}, {}, "2022-01-03T00:00:00Z", kLevel);
  const std::size_t bytes = row_bytes(group);
  std::uint64_t t = 0;
  for (auto _ : state) {
    file.append(0, static_cast<double>(t), 1, row(t).first(bytes));
    ++t;
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
  state.counters["waited_s"] = file.cost().wait_seconds;
  file.abandon();
  remove_files();
}
BENCHMARK(append_row)->Arg(3)->Arg(40)->Iterations(4096);

/// A flush of 100 rows of 30 variables, synchronised to the disk.
void flush_rows(benchmark::State& state) {
  ResultFile file = ResultFile::create(place(), {description()}, {}, "2022-01-03T00:00:00Z", kLevel);
  std::uint64_t t = 0;
  for (auto _ : state) {
    for (int k = 0; k < 100; ++k, ++t) file.append(0, static_cast<double>(t), 1, row(t));
    file.flush();
  }
  file.abandon();
  remove_files();
}
BENCHMARK(flush_rows)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
