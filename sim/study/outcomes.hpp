#pragma once
#include <map>
#include <string>
#include <vector>

#include "sim/io/static_group.hpp"
#include "sim/study/study_file.hpp"

/// What a study keeps of the summary of a run.
namespace swarm {
namespace study {

/// A figure of /summary, or a table of them over one named axis.
struct FigureColumn {
  std::string name, units, long_name, kind;
  std::string axis;  ///< empty: a single number
  friend bool operator==(const FigureColumn&, const FigureColumn&) = default;
};

/// What the values of a record mean.
struct FigureLayout {
  std::vector<FigureColumn> columns;
  std::map<std::string, std::vector<std::string>> labels;  ///< of each axis
  std::size_t width(const FigureColumn& c) const { return c.axis.empty() ? 1 : labels.at(c.axis).size(); }
  friend bool operator==(const FigureLayout&, const FigureLayout&) = default;
};

/// The single numbers and tables of a summary; `outcomes` chooses by name, empty takes all.
struct Figures {
  FigureLayout layout;
  std::vector<double> values;  ///< column after column
};
Figures figures_of(const io::StaticGroup& summary, const std::vector<std::string>& outcomes);
/// The names that outcomes can have.
std::vector<std::string> outcome_names();
/// Throws InputError for outcomes of a study that no summary has.
void check_outcomes(const Study& study);

}  // namespace study
}  // namespace swarm
