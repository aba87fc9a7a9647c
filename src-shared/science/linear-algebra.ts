export { principalComponents, type PrincipalComponents } from './principal-components.ts'
export { symmetricEigen, type Eigen } from './symmetric-eigen.ts'
