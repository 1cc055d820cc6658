# Flags every target shares: warnings are errors, fast linker and compiler cache when present.
add_library(vitrine_flags INTERFACE)
target_compile_options(vitrine_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Werror
  -Wno-missing-field-initializers  # designated initialisers leave the rest to its default on purpose
 
  -fno-omit-frame-pointer -fstack-protector-strong)
target_compile_definitions(vitrine_flags INTERFACE
  _GLIBCXX_ASSERTIONS
  VITRINE_VERSION="${PROJECT_VERSION}")

# The feed's arithmetic must give the same bits on every machine: no fused operations. What needs neither errno nor traps
# of the mathematics can run on wide registers.
target_compile_options(vitrine_flags INTERFACE -ffp-contract=off -fno-math-errno -fno-trapping-math)

# Same source, same binary: no absolute build path in the result.
target_compile_options(vitrine_flags INTERFACE "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # gcc 12 warns of values inside std::expected and std::optional that are never read.
  target_compile_options(vitrine_flags INTERFACE -Wno-maybe-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 hides <expected> from clang, which names an older concepts revision than it implements.
  target_compile_options(vitrine_flags INTERFACE -Wno-builtin-macro-redefined -Wno-macro-redefined -D__cpp_concepts=202002L -Wno-c99-extensions)
  # It does not see that a generic lambda calls a member.
  target_compile_options(vitrine_flags INTERFACE -Wno-unused-lambda-capture)
endif()

if(VITRINE_SANITIZE)
  target_compile_options(vitrine_flags INTERFACE -fsanitize=${VITRINE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(vitrine_flags INTERFACE -fsanitize=${VITRINE_SANITIZE})
  target_compile_definitions(vitrine_flags INTERFACE VITRINE_SANITIZED=1)
endif()
if(VITRINE_COVERAGE)
  target_compile_options(vitrine_flags INTERFACE --coverage)
  target_link_options(vitrine_flags INTERFACE --coverage)
endif()

find_program(MOLD mold)
if(MOLD AND NOT VITRINE_FUZZ)
  target_link_options(vitrine_flags INTERFACE -fuse-ld=mold)
endif()
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # PCH needs these two sloppiness settings to be cached at all.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
if(VITRINE_TESTS)
  find_package(GTest REQUIRED)
  enable_testing()
endif()
