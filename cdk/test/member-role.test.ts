import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVIDENCE, memberRole, statements, template } from './stacks.ts';

const { Parameters, Resources } = memberRole().toJSON();
const [role, ...others] = Object.values(Resources) as any[];
const { AssumeRolePolicyDocument, Policies, ...properties } = role.Properties;

const accepts = (parameter: string, value: string) => {
  const { AllowedPattern, MinLength = 0, MaxLength = Infinity } = Parameters[parameter];
  return new RegExp(AllowedPattern).test(value) && MinLength <= value.length && value.length <= MaxLength;
};

test('the template has one role, and needs no bootstrap stack', () => {
  assert.deepEqual(others, []);
  assert.deepEqual(Object.keys(Parameters), ['RoleName', 'RolePath', 'TrustedRoleArn', 'ExternalId']);
  assert.deepEqual(properties, {
    Description: 'Read-only role for the evidence function of controlsync',
    MaxSessionDuration: 3600,
    Path: { Ref: 'RolePath' },
    RoleName: { Ref: 'RoleName' },
  });
  // The longest template that an API call can contain.
  const text = readFileSync(new URL('../member-role.json', import.meta.url), 'utf8');
  assert(text.length < 51_200);
});

test('it trusts one role, with the external ID', () => {
  const [statement, ...more] = AssumeRolePolicyDocument.Statement;
  assert.deepEqual(more, []);
  assert.deepEqual([statement.Effect, statement.Action], ['Allow', 'sts:AssumeRole']);
  const account = { 'Fn::Select': [4, { 'Fn::Split': [':', { Ref: 'TrustedRoleArn' }] }] };
  assert.deepEqual(statement.Principal, {
    AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', account, ':root']] },
  });
  assert.deepEqual(statement.Condition, {
    ArnEquals: { 'aws:PrincipalArn': { Ref: 'TrustedRoleArn' } },
    StringEquals: { 'sts:ExternalId': { Ref: 'ExternalId' } },
  });
});

test('neither the trusted role nor the external ID can be left out or have wildcards', () => {
  for (const name of ['TrustedRoleArn', 'ExternalId']) {
    assert.equal(Parameters[name].Default, undefined);
    assert.equal(Parameters[name].NoEcho, undefined);
  }
  const arn = 'arn:aws:iam::111122223333:role/controlsync-Controlsync-Evidence-EF896F47-eu-west-1';
  for (const good of [arn, arn.replace('role/', 'role/audit/'), arn.replace('aws', 'aws-us-gov')]) {
    assert(accepts('TrustedRoleArn', good), good);
  }
  for (const bad of ['*', `${arn}*`, arn.replace('111122223333', '*'), arn.replace('Evidence', '?'), 'arn:aws:iam::111122223333:root', '']) {
    assert(!accepts('TrustedRoleArn', bad), bad);
  }
  for (const [name, good, bad] of [
    ['ExternalId', 'house:evidence', 'x'],
    ['ExternalId', '42', '*'],
    ['RoleName', 'controlsync-evidence', 'audit/evidence'],
    ['RolePath', '/', 'audit/'],
    ['RolePath', '/audit/evidence/', '/audit'],
  ] as const) {
    assert(accepts(name, good) && !accepts(name, bad), `${name}: ${good}, ${bad}`);
  }
});

test('it reads what the evidence function reads in its own account, and nothing else', () => {
  const [account, results, ...more] = Policies.flatMap((policy: any) => policy.PolicyDocument.Statement);
  assert.deepEqual(more, []);
  const { ReadAccount, ReadResults } = statements(template(EVIDENCE), 'EvidenceRole');
  assert.deepEqual([account, results], [ReadAccount, ReadResults]);
  for (const action of [...account.Action, ...results.Action]) {
    assert.match(action, /^(cloudtrail|config|securityhub):(BatchGet|Describe|Get)/);
  }
});
