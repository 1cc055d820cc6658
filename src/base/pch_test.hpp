// What every test program includes, compiled once.
#pragma once
#include "base/pch.hpp"

#include <gtest/gtest.h>
