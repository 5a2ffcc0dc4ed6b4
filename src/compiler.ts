// Entry of a compile thread: piscina calls the exports with each task.
import { workerData } from 'node:worker_threads';
import { runInBackground } from './base/background.ts';
import { Compiler } from './control/compile/compiler.ts';
import type {
  CompilerData,
  EncryptionResult,
  EncryptionTask,
  ExplainResult,
  ExplainTask,
  PublishResult,
  PublishTask,
  ResolveResult,
  ResolveTask,
} from './control/compile/compileTask.ts';

runInBackground();
// piscina wraps what it was given: the second element is ours.
const compiler = new Compiler((Array.isArray(workerData) ? workerData[1] : workerData) as CompilerData);

export function resolve(task: ResolveTask): ResolveResult {
  return compiler.resolve(task);
}

export function publish(task: PublishTask): PublishResult {
  return compiler.publish(task);
}

export function explain(task: ExplainTask): ExplainResult {
  return compiler.explain(task);
}

export function encryption(task: EncryptionTask): EncryptionResult {
  return compiler.encryption(task);
}
