// Jest's words on Node's own test runner, for the pages' examples.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.test = test;
globalThis.expect = (actual) => ({ toEqual: (expected) => assert.deepEqual(actual, expected) });
