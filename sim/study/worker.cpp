#include "sim/study/worker.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <new>

#include "sim/io/onnx_file.hpp"
#include "sim/io/recorded_emissions.hpp"
#include "sim/study/execute.hpp"
#include "sim/study/run_records.hpp"
#include "sim/study/text_file.hpp"

namespace swarm {
namespace study {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr auto kProgressEvery = std::chrono::milliseconds(200);

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

class Worker {
 public:
  Worker(const WorkerRequest& request, std::FILE* out, const std::function<bool()>& stop_asked)
      : request_(request),
        folder_(request.folder),
        record_(folder_.read()),
        study_(study_of(record_)),
        design_(planned_design(study_, record_)),
        writer_(folder_.results_of(request.name)),
        out_(out),
        stop_asked_(stop_asked) {
    if (study_.params.keep == Keep::full) make_folder(folder_.runs());
  }

  /// False if the worker was asked to stop meanwhile.
  bool run(std::int64_t number) {
    const auto start = Clock::now();
    const DesignRow& row = record_.rows.at(static_cast<std::size_t>(number));
    RunFiles files = files_of(row);
    std::optional<io::StaticGroup> summary;
    try {
      const scenario::Scenario s = load(row);
      // Where every run has a seed of its own, its specialists would lie in the cache for ever and never be used again.
      if (study_.params.common_random_numbers) files.cache = request_.cache_folder(s);
      summary = execute_run(s, files, parts_, [&](double done) { return tell(number, done); });
    } catch (const InputError& e) {
      return failed(row, 2, e.what());
    } catch (const FileError&) {
      throw;  // the study's own files: no fault of the run, and the next one would meet it too
    } catch (const std::bad_alloc&) {
      return failed(row, 1, "out of memory");
    } catch (const std::exception& e) {
      return failed(row, 1, e.what());
    }
    if (!summary) {
      answer(fmt::format("stopped {}", number));
      return false;
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    writer_.done(number, row.id, seconds, figures_of(*summary, study_.outcomes));
    clear(files);
    answer(fmt::format("done {}", number));
    return true;
  }

  void answer(const std::string& line) {
    fmt::print(out_, "{}\n", line);
    std::fflush(out_);
  }

 private:
  RunFiles files_of(const DesignRow& row) const {
    RunFiles files;
    files.checkpoint = folder_.checkpoint_of(row);
    if (study_.params.keep == Keep::full) files.full = folder_.run_file(row.run);
    files.checkpoint_every_s = request_.checkpoint_every_s;
    return files;
  }

  scenario::Scenario load(const DesignRow& row) const {
    const RunSpec spec = run_spec(study_, design_, row.run);
    scenario::Scenario s = load_run(spec);
    if (run_id(s) == row.id) return s;
    throw InputError(Diagnostic{.file = spec.scenario.string(), .problem = "this scenario, or the program, has changed since the study was planned",
                                .why = "results of two models must not be mixed", .suggestion = "undo the change, or begin the study anew in another folder."});
  }

  static void clear(const RunFiles& files) {
    std::error_code ignored;
    fs::remove(files.checkpoint, ignored);
  }

  bool failed(const DesignRow& row, int code, const std::string& message) {
    fmt::print(stderr, "run {}: {}\n", row.run, message);
    std::fflush(stderr);
    writer_.failed(row.run, row.id, {code, 0, first_line(message), fs::relative(folder_.log_of(request_.name), folder_.root()).string()});
    clear(files_of(row));
    answer(fmt::format("failed {}", row.run));
    return true;
  }

  bool tell(std::int64_t number, double done) {
    if (const auto now = Clock::now(); now - told_ >= kProgressEvery) {
      told_ = now;
      answer(fmt::format("progress {} {:.4f}", number, done));
    }
    return !stop_asked_();
  }

  const WorkerRequest& request_;
  StudyFolder folder_;
  StudyRecord record_;
  Study study_;
  Design design_;
  RecordWriter writer_;
  world::PlanParts parts_{io::read_onnx, io::read_emissions};
  std::FILE* out_;
  const std::function<bool()>& stop_asked_;
  Clock::time_point told_{};
};

}  // namespace

WorkerEnd work(const WorkerRequest& request, std::FILE* in, std::FILE* out, const std::function<bool()>& stop_asked) {
  try {
    Worker worker(request, out, stop_asked);
    char line[64];
    while (!stop_asked() && std::fgets(line, sizeof line, in))
      if (!worker.run(std::atoll(line))) return WorkerEnd::stopped;
    return stop_asked() ? WorkerEnd::stopped : WorkerEnd::no_more_runs;
  } catch (const std::exception& e) {
    fmt::print(out, "broken {}\n", first_line(e.what()));
    std::fflush(out);
    return WorkerEnd::broken;
  }
}

}  // namespace study
}  // namespace swarm
