#!/usr/bin/env -S node --import tsx
// The CDK app of the conformance packs, for packs.sh: one stack, with the packs of a directory.
//
//   npx cdk deploy --app "node --import tsx bin/packs.ts" -c packs=DIR -c settings=FILE -c stack=NAME

import { App } from 'aws-cdk-lib';
import { readPacks } from '../lib/pack-directory.ts';
import { PacksStack } from '../lib/packs.ts';
import { exitOnSettingsError, settingsFile } from '../lib/setting-kinds.ts';

const app = new App();
exitOnSettingsError(1, () => {
  const { packs, settings, stack = 'controlsync-packs' } = app.node.getAllContext();
  new PacksStack(app, stack, {
    env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
    packs: readPacks(packs ?? 'packs'),
    settings: settings === undefined ? {} : settingsFile(settings),
  });
});
