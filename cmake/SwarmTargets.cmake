# How a room becomes a library, and the flags that determinism rests on.

# One interface target carries what every file of the project is compiled with.
add_library(swarm_flags INTERFACE)
target_include_directories(swarm_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(swarm_flags INTERFACE
  -march=x86-64-v3 -mtune=generic -ffp-contract=off -fno-math-errno -fno-trapping-math
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Wcast-qual -Wduplicated-cond -Wlogical-op -Werror
  -Wno-missing-field-initializers)  # designated initialisers leave defaulted fields out on purpose
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  target_compile_options(swarm_flags INTERFACE -Wno-duplicated-cond -Wno-unknown-warning-option)
endif()
if(SWARM_CONTRACTS OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(swarm_flags INTERFACE SWARM_CONTRACTS=1)
endif()
if(SWARM_SANITIZE)
  target_compile_options(swarm_flags INTERFACE -fsanitize=${SWARM_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(swarm_flags INTERFACE -fsanitize=${SWARM_SANITIZE})
  if(SWARM_SANITIZE MATCHES thread)  # loops that the sanitizer can see through (tests/tsan/tbb/blocked_range.h)
    target_include_directories(swarm_flags BEFORE INTERFACE ${CMAKE_SOURCE_DIR}/tests/tsan)
  endif()
endif()

# swarm_library(NAME DIR [LINK public…] [PRIVATE private…]): every .cpp in DIR and below, one static library.
function(swarm_library name dir)
  cmake_parse_arguments(ARG "" "" "LINK;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${dir}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$|/isa/")
  if(NOT sources)
    add_library(swarm_${name} INTERFACE)
    target_link_libraries(swarm_${name} INTERFACE swarm_flags ${ARG_LINK} ${ARG_PRIVATE})
    return()
  endif()
  add_library(swarm_${name} STATIC ${sources})
  target_link_libraries(swarm_${name} PUBLIC swarm_flags ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
endfunction()

# The kernels are one source compiled once per instruction set, each in its own object with nothing inline shared.
function(swarm_nn_kernels)
  set(flags_portable "")
  set(flags_avx2 "-mavx2;-mfma")
  set(flags_avx512 "-mavx512f;-mavx512vl;-mavx512bw;-mavx512dq;-mavx512vnni;-mprefer-vector-width=512"
      -Wno-uninitialized -Wno-maybe-uninitialized)  # GCC 12 warns of its header: _mm512_max_ps starts from no value
  set(flags_bf16_dot "${flags_avx512};-mavx512bf16")
  foreach(isa portable avx2 avx512 bf16_dot)
    add_library(swarm_nn_${isa} OBJECT ${CMAKE_SOURCE_DIR}/agents/nn/isa/kernel_${isa}.cpp)
    target_link_libraries(swarm_nn_${isa} PRIVATE swarm_flags)
    target_compile_options(swarm_nn_${isa} PRIVATE ${flags_${isa}})
    target_sources(swarm_nn PRIVATE $<TARGET_OBJECTS:swarm_nn_${isa}>)
  endforeach()
endfunction()
