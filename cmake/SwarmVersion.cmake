# Version and source revision, rewritten at build time only when they change.
set(SWARM_VERSION_FILE ${CMAKE_BINARY_DIR}/generated/swarm_version.hpp)
add_custom_target(swarm_version_header ALL
  COMMAND ${CMAKE_COMMAND} -DOUT=${SWARM_VERSION_FILE} -DSOURCE=${CMAKE_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
          -P ${CMAKE_SOURCE_DIR}/cmake/write_version.cmake
  BYPRODUCTS ${SWARM_VERSION_FILE} COMMENT "")
add_library(swarm_version INTERFACE)
target_include_directories(swarm_version INTERFACE ${CMAKE_BINARY_DIR}/generated)
add_dependencies(swarm_version swarm_version_header)
