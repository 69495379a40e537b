#!/usr/bin/env -S node --import tsx
// The CDK app: one stack, with the settings from the context.
//
//   npx cdk deploy -c controlsync:settings=FILE -c controlsync:mode=apply
//   npx cdk deploy -c stack=NAME    for a second catalog in the account

import { App } from 'aws-cdk-lib';
import { exitOnSettingsError } from '../lib/setting-kinds.ts';
import { settingsOf } from '../lib/settings.ts';
import { ControlsyncStack } from '../lib/stack.ts';

const app = new App();
exitOnSettingsError(1, () => {
  new ControlsyncStack(app, app.node.tryGetContext('stack') ?? 'controlsync', {
    env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
    settings: settingsOf(app.node),
    package: app.node.tryGetContext('package'),
    evidencePackage: app.node.tryGetContext('evidencePackage'),
  });
});
