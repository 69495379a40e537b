#!/usr/bin/env -S node --import tsx
// The CDK app of the pipeline, with the settings from the context:
//
//   npx cdk deploy --app "node --import tsx bin/pipeline.ts" -c controlsync:settings=FILE
//   npx cdk deploy --app "node --import tsx bin/pipeline.ts" -c controlsync:settings=FILE -c stack=NAME

import { App } from 'aws-cdk-lib';
import { PIPELINE_SETTINGS } from '../lib/pipeline-settings.ts';
import { PipelineStack } from '../lib/pipeline.ts';
import { exitOnSettingsError, settingsInContext } from '../lib/setting-kinds.ts';

const app = new App();
exitOnSettingsError(1, () => {
  new PipelineStack(app, app.node.tryGetContext('stack') ?? 'controlsync-pipeline', {
    env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
    settings: settingsInContext(PIPELINE_SETTINGS, app.node),
  });
});
